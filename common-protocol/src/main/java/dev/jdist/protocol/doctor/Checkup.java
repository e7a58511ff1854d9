package dev.jdist.protocol.doctor;

import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.settings.Role;
import java.nio.file.Path;

/** What one kind of jdist's programs needs of its machine. A {@link java.util.ServiceLoader} finds it. */
public interface Checkup {
    Role role();

    /** Looks at everything, as far as what it found so far lets it. @param file the program's settings */
    void examine(Path file, Environment environment, Findings findings) throws InterruptedException;
}
