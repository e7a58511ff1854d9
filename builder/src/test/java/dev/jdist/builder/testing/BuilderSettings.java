package dev.jdist.builder.testing;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.settings.Machine;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Path;
import java.util.Map;

/** Settings of builders for tests, as they would come from a file. */
public final class BuilderSettings {
    private BuilderSettings() {}

    /** Of a builder that keeps everything in {@code directory}; its token is "token". */
    public static ServerConfig in(Path directory, ServerId self, HttpUrl scheduler) throws ConfigException {
        return parse("""
                cache_dir = "%1$s"
                public_addr = "%2$s"
                scheduler_url = "%3$s"
                builder = { type = "overlay", build_dir = "%1$s", bwrap_path = "/usr/bin/bwrap" }
                scheduler_auth = { type = "token", token = "token" }
                """.formatted(directory, self, scheduler));
    }

    /** With these lines of {@code [jdist]}. */
    public static ServerConfig withJdist(String lines) throws ConfigException {
        return parse("""
                public_addr = "10.0.0.2:10501"
                scheduler_url = "http://10.0.0.1:10600"
                builder = { type = "overlay" }
                scheduler_auth = { type = "DANGEROUSLY_INSECURE" }
                [jdist]
                """ + lines);
    }

    /** Of a builder that keeps nothing of jobs itself. */
    public static ServerConfig ofDocker() throws ConfigException {
        return parse("""
                public_addr = "10.0.0.2:10501"
                scheduler_url = "http://10.0.0.1:10600"
                builder = { type = "docker" }
                scheduler_auth = { type = "DANGEROUSLY_INSECURE" }
                """);
    }

    private static ServerConfig parse(String text) throws ConfigException {
        Machine machine = new Machine(false, new Environment(Map.of("HOME", "/home/u")));
        return ServerConfig.from(ConfigTable.parse("server.conf", text), machine);
    }
}
