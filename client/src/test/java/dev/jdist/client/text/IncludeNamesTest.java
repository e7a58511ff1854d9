package dev.jdist.client.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IncludeNamesTest {
    // Columns: a source, with ; for the end of a line; the names in it
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "#include <a.h>|a.h",
                "#include \"a b.h\"|a b.h",
                "  #  include\t<sys/a.h> // <b.h>|sys/a.h",
                "#include <ünit.h>|ünit.h",
                "#include_next <a.h>;#import \"b.h\"|a.h,b.h",
                "#if 0;#include <a.h>;#endif|a.h",
                "#include NAME|",
                "#include <>|",
                "#include <a.h|",
                "#define include <a.h>|",
                "// #include <a.h>|",
                "const char *s = \"#include <a.h>\"|",
                "#include|",
            })
    void source_namesWhatItIncludes(String source, String names) {
        String text = source.replace(';', '\n') + "\n";
        List<String> wanted = names == null ? List.of() : List.of(names.split(","));
        assertEquals(wanted, List.copyOf(IncludeNames.in(text.getBytes(StandardCharsets.UTF_8))));
    }
}
