package dev.jdist.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A directory for outputs, in whose places something may be already, and all that can be seen of what a compile makes of it. */
public final class OutputDirectory {
    /** What may be in the places. */
    public enum Before {
        NOTHING(""),
        FILES("for f in $all; do echo old >$f; chmod 640 $f; done"),
        EMPTY_FILES("for f in $all; do : >$f; chmod 640 $f; done"),
        HARD_LINKS("for f in $all; do echo old >other-$f; ln other-$f $f; done"),
        LINKS("for f in $all; do echo old >target-$f; chmod 640 target-$f; ln -s target-$f $f; done"),
        LINKS_TO_EMPTY_FILES("for f in $all; do : >target-$f; chmod 640 target-$f; ln -s target-$f $f; done"),
        LINKS_TO_NOWHERE("for f in $all; do ln -s target-$f $f; done"),
        DEFAULT_ACL("setfacl -d -m u::rwx,g::rwx,o::r ."),
        DEFAULT_ACL_AND_FILES("setfacl -d -m u::rwx,g::rwx,u:daemon:rw,o::r .; for f in $all; do echo old >$f; done"),
        NAMES_THAT_CANNOT_BE_WRITTEN("for f in $all; do mkdir $f; done");

        private final String script;

        Before(String script) {
            this.script = "all='unit.o unit.d unit.su unit.dwo unit.gcno unit.dia'; " + script;
        }
    }

    private static final String LOOK = "find . -printf '%P %y %m %n %l\\n' | sort;"
            + " getfacl --absolute-names --numeric --recursive . | grep -v '^#';"
            + " find . -type f -exec sha256sum {} + | sort";

    private final Path path;

    public OutputDirectory(Path path) {
        this.path = path;
    }

    /** Empties the directory, and puts into the places what is to be there. */
    public void arrange(Before before) throws IOException, InterruptedException {
        String name = path.getFileName().toString();
        sh(path.getParent(), "rm -rf " + name + "; umask 022; mkdir " + name + "; cd " + name + "; " + before.script);
    }

    /** Names, kinds, modes, ACLs, numbers of links, where links lead, and contents. */
    public String look() throws IOException, InterruptedException {
        return sh(path, LOOK);
    }

    private static String sh(Path directory, String script) throws IOException, InterruptedException {
        Path printed = Files.createTempFile("jdist-outputs-", "");
        try {
            Process process = new ProcessBuilder(List.of("sh", "-c", script))
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(printed.toFile())
                    .start();
            int code = process.waitFor();
            String text = Files.readString(printed, StandardCharsets.UTF_8);
            assertEquals(0, code, script + " says: " + text);
            return text;
        } finally {
            Files.delete(printed);
        }
    }
}
