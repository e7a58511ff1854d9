package dev.jdist.client.daemon;

import dev.jdist.client.caller.CallerRequest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What this daemon sees under which path. A launcher in another mount namespace or under another root directory, in a container or a
 * sandbox say, may mean other files by the same names, and does not see what the daemon writes.
 *
 * @param view as the launcher that started the daemon told it; empty if that is not known, and then it is nobody's
 */
record OwnView(String view) {
    private static final Path PROCESSES = Path.of("/proc");
    private static final Path SELF = PROCESSES.resolve("self");

    boolean isThatOf(CallerRequest request) {
        return !view.isEmpty() && view.equals(request.view());
    }

    /**
     * Whether no other process that can be seen, of this user's, has the same view: the sandbox that the daemon was started in
     * is gone, and nobody will come whom it can serve.
     */
    boolean isDeserted() {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
            Object own = viewOf(SELF);
            String self = Files.readSymbolicLink(SELF).toString();
            for (Path process : processes) {
                if (!process.getFileName().toString().equals(self) && hasView(process, own)) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Processes of others cannot be looked into, and are no callers. */
    private static boolean hasView(Path process, Object own) {
        try {
            return viewOf(process).equals(own);
        } catch (IOException e) {
            return false;
        }
    }

    private static Map<String, Object> viewOf(Path process) throws IOException {
        Map<String, Object> root = Files.readAttributes(process.resolve("root/"), "unix:dev,ino");
        return Map.of(
                "mounts", Files.readSymbolicLink(process.resolve("ns/mnt")),
                "device", root.get("dev"),
                "root", root.get("ino"));
    }
}
