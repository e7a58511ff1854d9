package dev.jdist.client.inputs;

import dev.jdist.client.compiler.Language;
import dev.jdist.client.files.WholeFiles;
import dev.jdist.client.text.CText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** What a preprocessor printed: the text, and what can be read off it. */
public final class PreprocessedSource {
    /** A need that no preprocessor tells of. */
    public static final String ASSEMBLER_INPUT = "the assembler's .incbin or .include";

    /** In a line marker, behind the name: here a file begins, and this is a header of the system. */
    private static final char ENTERED = '1';

    private static final char OF_SYSTEM = '3';

    private static final byte[] INCBIN = ascii(".incbin");
    private static final byte[] INCLUDE = ascii(".include");
    private static final byte[] PRECOMPILED = ascii("#pragma GCC pch_preprocess");

    private static final byte[] DATE = ascii("__DATE__");
    private static final byte[] TIME = ascii("__TIME__");
    private static final byte[] TIMESTAMP = ascii("__TIMESTAMP__");

    private final byte[] text;
    private @Nullable CText source;

    private PreprocessedSource(byte[] text) {
        this.text = text;
    }

    static PreprocessedSource read(Path file) throws IOException {
        return new PreprocessedSource(WholeFiles.read(file));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** As the compiler gets it; not to be changed. */
    public byte[] bytes() {
        return text;
    }

    /** What it hides while macros are not expanded. */
    private CText source() {
        CText known = source;
        if (known == null) {
            known = CText.ofSource(text);
            source = known;
        }
        return known;
    }

    /** Whether, macros not being expanded yet, they may have the assembler read a file. */
    public boolean hidesAssembler() {
        return source().hiddenAssembler();
    }

    /** Whether it may still take in the bytes of a file, as clang leaves {@code #embed} to the compiler where it leaves macros. */
    boolean embeds() {
        return contains("embed");
    }

    /** Whether it mentions the time of day, in macros that are not expanded yet, or may do so. */
    public boolean mentionsClock() {
        if (source().mayMentionClock()) {
            return true;
        }
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '_' && (startsWith(i, DATE) || startsWith(i, TIME) || startsWith(i, TIMESTAMP))) {
                return true;
            }
        }
        return false;
    }

    /**
     * What this text needs beyond itself, which a builder does not have; or nothing.
     *
     * @param language of the unit
     * @param directivesKept whether macros are not expanded yet
     */
    public Optional<String> outsideNeed(Language language, boolean directivesKept) {
        boolean mayRead = language.isAssembler()
                ? CText.mayAssemblerReadFile(text)
                : directivesKept ? source().assemblerInput() : CText.mayReadFile(text);
        return mayRead ? Optional.of(ASSEMBLER_INPUT) : outsideNeed();
    }

    private Optional<String> outsideNeed() {
        for (int i = 0; i < text.length; i++) {
            // Assemblers take names of directives in either case.
            if (text[i] == '.' && (isDirective(i, INCBIN) || isDirective(i, INCLUDE))) {
                return Optional.of(ASSEMBLER_INPUT);
            }
            if (text[i] == '#' && (i == 0 || text[i - 1] == '\n') && startsWith(i, PRECOMPILED)) {
                return Optional.of("a precompiled header");
            }
        }
        return Optional.empty();
    }

    /**
     * The files that the text was made of, as its line markers name them: {@code # 12 "file.h" 1 3}.
     *
     * @param cwd to which relative names refer
     */
    public Set<Path> sources(Path cwd) throws IOException {
        return sources(cwd, start -> true);
    }

    /** Those of them that are no headers of the system. */
    Set<Path> sourcesOutsideSystem(Path cwd) throws IOException {
        return sources(cwd, start -> !hasFlag(start, OF_SYSTEM));
    }

    /** The lines that are of no header of the system, without line markers. */
    byte[] outsideSystem() {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        boolean ofSystem = false;
        for (int start = 0; start < text.length; start = nextLine(start)) {
            if (isMarker(start)) {
                ofSystem = hasFlag(start, OF_SYSTEM);
            } else if (!ofSystem) {
                lines.write(text, start, Math.min(nextLine(start), text.length) - start);
            }
        }
        return lines.toByteArray();
    }

    /** Those of them that are never entered: directives name them, as generators write them, or the compiler starts there. */
    Set<Path> onlyNamed(Path cwd) throws IOException {
        Set<Path> named = sources(cwd, start -> true);
        named.removeAll(sources(cwd, start -> hasFlag(start, ENTERED)));
        return named;
    }

    private Set<Path> sources(Path cwd, IntPredicate markers) throws IOException {
        Set<String> names = new LinkedHashSet<>();
        for (int start = 0; start < text.length; start = nextLine(start)) {
            if (isMarker(start) && markers.test(start)) {
                int quote = indexOf('"', start);
                String name = quote < 0 ? "" : unquote(quote + 1);
                // <built-in>, <command-line>, and the working directory, which ends in two slashes.
                if (!name.isEmpty() && !name.startsWith("<") && !name.endsWith("//")) {
                    names.add(name);
                }
            }
        }
        Set<Path> sources = new LinkedHashSet<>();
        names.forEach(name -> sources.add(cwd.resolve(name)));
        return sources;
    }

    /** Whether a number stands behind the name in a line marker. */
    private boolean hasFlag(int start, char flag) {
        int end = nextLine(start) - 1;
        for (int i = end; i > start && text[i] != '"'; i--) {
            if (text[i] == flag && text[i - 1] == ' ') {
                return true;
            }
        }
        return false;
    }

    /** Whether a text, in ASCII, is anywhere in it. */
    boolean contains(String wanted) {
        byte[] bytes = ascii(wanted);
        for (int i = 0; i <= text.length - bytes.length; i++) {
            if (text[i] == bytes[0] && startsWith(i, bytes)) {
                return true;
            }
        }
        return false;
    }

    /** Whether any of some words that begin with two underscores is in it. */
    boolean containsAny(Set<String> words) {
        List<byte[]> all = words.stream().map(PreprocessedSource::ascii).toList();
        for (int i = 0; i + 1 < text.length; i++) {
            if (text[i] == '_' && text[i + 1] == '_') {
                for (byte[] word : all) {
                    if (startsWith(i, word)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private boolean isMarker(int start) {
        return start + 2 < text.length
                && text[start] == '#'
                && text[start + 1] == ' '
                && text[start + 2] >= '0'
                && text[start + 2] <= '9';
    }

    /**
     * The name that begins at {@code start} and ends at the next quote. A backslash protects what follows it, or stands
     * before three octal digits: clang writes what is not ASCII so, and gcc what its locale cannot print.
     */
    private String unquote(int start) throws IOException {
        int plain = start;
        while (plain < text.length && text[plain] != '"' && text[plain] != '\\' && text[plain] != '\n') {
            plain++;
        }
        if (plain == text.length || text[plain] != '\\') {
            return new String(text, start, plain - start, StandardCharsets.UTF_8);
        }
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        name.write(text, start, plain - start);
        int i = plain;
        while (i < text.length && text[i] != '"' && text[i] != '\n') {
            if (text[i] != '\\') {
                name.write(text[i++]);
            } else if (i + 1 < text.length && (text[i + 1] == '\\' || text[i + 1] == '"')) {
                name.write(text[i + 1]);
                i += 2;
            } else if (i + 3 < text.length && isOctal(i + 1) && isOctal(i + 2) && isOctal(i + 3)) {
                name.write((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | text[i + 3] - '0');
                i += 4;
            } else {
                throw new IOException("a line marker contains a name with an unknown escape sequence");
            }
        }
        return name.toString(StandardCharsets.UTF_8);
    }

    private boolean isOctal(int at) {
        return text[at] >= '0' && text[at] <= '7';
    }

    private int nextLine(int from) {
        int end = from;
        while (end < text.length && text[end] != '\n') {
            end++;
        }
        return end + 1;
    }

    private int indexOf(char wanted, int from) {
        for (int i = from; i < text.length && text[i] != '\n'; i++) {
            if (text[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Whether an assembler's directive with a file name stands here, be it in assembler or in a string of C: not the end of
     * a longer name, and, as <em>include</em> ends many a sentence, followed by a quotation mark, escaped perhaps, or by the
     * end of the string that it stands in.
     */
    private boolean isDirective(int at, byte[] word) {
        if (!startsWith(at, word) || at > 0 && isPartOfName(text[at - 1]) && !isEscape(at - 1)) {
            return false;
        }
        int next = at + word.length;
        if (word == INCBIN) {
            return next < text.length && !isPartOfName(text[next]);
        }
        while (next < text.length && (text[next] == ' ' || text[next] == '\t')) {
            next++;
        }
        return next < text.length && (text[next] == '"' || text[next] == '\\');
    }

    private static boolean isPartOfName(byte c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-';
    }

    /** Whether the letter at this place ends an escape sequence, as in {@code "\n.incbin"}. */
    private boolean isEscape(int at) {
        return at > 0 && text[at - 1] == '\\';
    }

    private boolean startsWith(int at, byte[] word) {
        if (at + word.length > text.length) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            byte c = text[at + i];
            if (c != word[i] && (c < 'A' || c > 'Z' || c + 'a' - 'A' != word[i])) {
                return false;
            }
        }
        return true;
    }
}
