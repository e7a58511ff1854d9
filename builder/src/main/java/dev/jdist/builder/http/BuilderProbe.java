package dev.jdist.builder.http;

import dev.jdist.builder.farm.Fitness;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.sandbox.Isolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a builder cannot do without: sandboxes for its jobs, and a directory for toolchains and outputs. */
record BuilderProbe(ServerConfig config, Isolation isolation) implements Fitness.Probe {
    private static final String PREFIX = ".trying-";

    @Override
    public void look() throws IOException, InterruptedException {
        writeTo(config.cacheDir().toAbsolutePath());
        isolation.look();
    }

    @Override
    public void prove() throws IOException, InterruptedException {
        writeTo(config.cacheDir().toAbsolutePath());
        isolation.prove();
    }

    private static void writeTo(Path directory) throws IOException {
        try {
            Path file = Files.createTempFile(directory, PREFIX, "");
            try {
                Files.writeString(file, PREFIX);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new IOException(
                    "nothing can be written to cache_dir (" + e + "); make room in " + directory
                            + ", or let it be a directory that the builder can write to",
                    e);
        }
    }
}
