package dev.jdist.protocol.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Settings files with secrets that every user of the machine can read. */
public final class ExposedSecrets {
    private ExposedSecrets() {}

    /** What a log should say about it once, with the file and what to do; nothing if no secret can be read. */
    public static Optional<String> warning(SettingValues values) {
        List<Setting<?>> secrets = values.settings().stream()
                .filter(setting -> setting.isSecret()
                        && values.written(setting).isPresent()
                        && values.origin(setting) instanceof Origin.File)
                .toList();
        if (secrets.isEmpty()) {
            return Optional.empty();
        }
        Path file = Path.of(((Origin.File) values.origin(secrets.get(0))).name());
        try {
            if (!isReadByOthers(file)) {
                return Optional.empty();
            }
            return Optional.of("every user of this machine can read the secrets in " + file + " (mode "
                    + PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) + ": "
                    + String.join(", ", secrets.stream().map(Setting::toString).toList()) + "); chmod o-r " + file);
        } catch (IOException e) {
            return Optional.empty(); // it has been read, and is gone since
        }
    }

    /** Whether every user of this machine can read the file, which is to hold a secret. */
    public static boolean isReadByOthers(Path file) throws IOException {
        Path real = file.toRealPath();
        if (!Files.getPosixFilePermissions(real).contains(PosixFilePermission.OTHERS_READ)) {
            return false;
        }
        for (Path directory = real.getParent(); directory != null; directory = directory.getParent()) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
            if (!permissions.contains(PosixFilePermission.OTHERS_EXECUTE)) {
                return false;
            }
        }
        return true;
    }
}
