package dev.jdist.protocol.config;

import dev.jdist.protocol.config.Environment.Variable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The cache of compiles on this machine: {@code [cache.disk]} and the variables that go before it, key by key.
 *
 * @param directory of the cache
 * @param limit octets that it may take
 * @param writable whether anything is put into it
 * @param zstdLevel of compression
 * @param direct whether a compile is recognised by its files alone, without the preprocessor
 * @param ignoreTimeMacros whether {@code __TIME__} and its like keep nothing from being recognised
 * @param baseDirectories whose names do not matter, absolute
 * @param unused the {@code [cache.*]} tables that are set and that this version does not use
 */
public record CacheConfig(
        Path directory,
        long limit,
        boolean writable,
        int zstdLevel,
        boolean direct,
        boolean ignoreTimeMacros,
        List<Path> baseDirectories,
        List<String> unused) {
    private static final long DEFAULT_LIMIT = 10 * ByteSize.GIB;
    private static final int DEFAULT_ZSTD_LEVEL = 3;
    private static final int MAX_ZSTD_LEVEL = 22;

    /** What the tables hold that sccache 0.17 knows and jdist does not use yet. */
    private static final Map<String, Set<String>> UNUSED = Map.ofEntries(
            Map.entry(
                    "azure",
                    Set.of("connection_string", "container", "key_prefix", "storage_account", "endpoint", "rw_mode")),
            Map.entry(
                    "gcs", Set.of("bucket", "key_prefix", "cred_path", "service_account", "rw_mode", "credential_url")),
            Map.entry("gha", Set.of("enabled", "version", "rw_mode")),
            Map.entry(
                    "memcached",
                    Set.of("url", "endpoint", "username", "password", "expiration", "key_prefix", "rw_mode")),
            Map.entry(
                    "redis",
                    Set.of(
                            "endpoint",
                            "cluster_endpoints",
                            "username",
                            "password",
                            "url",
                            "db",
                            "ttl",
                            "expiration",
                            "key_prefix",
                            "rw_mode")),
            Map.entry(
                    "s3",
                    Set.of(
                            "bucket",
                            "region",
                            "key_prefix",
                            "no_credentials",
                            "endpoint",
                            "use_ssl",
                            "server_side_encryption",
                            "server_side_encryption_aws_kms",
                            "server_side_encryption_kms_key_id",
                            "enable_virtual_host_style",
                            "rw_mode")),
            Map.entry("webdav", Set.of("endpoint", "key_prefix", "username", "password", "token", "rw_mode")),
            Map.entry("oss", Set.of("bucket", "key_prefix", "endpoint", "no_credentials", "rw_mode")),
            Map.entry("cos", Set.of("bucket", "key_prefix", "endpoint", "rw_mode")),
            Map.entry("multilevel", Set.of("chain", "write_error_policy")));

    static CacheConfig from(ConfigTable root, Environment environment) throws ConfigException {
        ConfigTable cache = root.table("cache");
        ConfigTable disk = cache.table("disk");
        boolean hasModes = disk.has("preprocessor_cache_mode");
        ConfigTable modes = disk.table("preprocessor_cache_mode");
        // As in sccache: on by itself, and off where the table is there and does not say so.
        boolean direct = modes.flag("use_preprocessor_cache_mode", !hasModes);
        boolean ignoreTimeMacros = modes.flag("ignore_time_macros", false);
        for (String other :
                List.of("file_stat_matches", "use_ctime_for_stat", "skip_system_headers", "hash_working_directory")) {
            modes.flag(other, false);
        }
        modes.rejectUnknownKeys();
        Optional<Path> directory = disk.path("dir");
        long limit = disk.byteSize("size", DEFAULT_LIMIT);
        boolean readOnly = disk.has("rw_mode")
                && disk.choice("rw_mode", "READ_WRITE", "READ_ONLY").equals("READ_ONLY");
        disk.rejectUnknownKeys();
        List<String> unused = unused(cache);
        cache.rejectUnknownKeys();
        return new CacheConfig(
                environment
                        .get(Variable.SCCACHE_DIR)
                        .map(Path::of)
                        .or(() -> directory)
                        .orElse(environment.cacheHome().resolve("sccache")),
                limit(environment).orElse(limit),
                !isReadOnly(environment).orElse(readOnly),
                zstdLevel(environment),
                direct(environment).orElse(direct),
                ignoreTimeMacros,
                baseDirectories(root, environment),
                unused);
    }

    private static Optional<Long> limit(Environment environment) throws ConfigException {
        Optional<String> text = environment.get(Variable.SCCACHE_CACHE_SIZE);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        OptionalLong size = ByteSize.parse(text.get());
        if (size.isEmpty()) {
            throw ConfigException.of(Variable.SCCACHE_CACHE_SIZE, text.get(), "a number of bytes, or like 10G");
        }
        return Optional.of(size.getAsLong());
    }

    private static Optional<Boolean> isReadOnly(Environment environment) throws ConfigException {
        Optional<String> mode = environment.get(Variable.SCCACHE_LOCAL_RW_MODE);
        if (mode.isEmpty()) {
            return Optional.empty();
        }
        return switch (mode.get().toUpperCase(Locale.ROOT)) {
            case "READ_ONLY" -> Optional.of(true);
            case "READ_WRITE" -> Optional.of(false);
            default -> throw ConfigException.of(Variable.SCCACHE_LOCAL_RW_MODE, mode.get(), "READ_ONLY or READ_WRITE");
        };
    }

    private static Optional<Boolean> direct(Environment environment) throws ConfigException {
        Optional<String> direct = environment.get(Variable.SCCACHE_DIRECT);
        if (direct.isEmpty()) {
            return Optional.empty();
        }
        return switch (direct.get().toLowerCase(Locale.ROOT)) {
            case "true", "on", "1" -> Optional.of(true);
            case "false", "off", "0" -> Optional.of(false);
            default -> throw ConfigException.of(Variable.SCCACHE_DIRECT, direct.get(), "true, on, 1, false, off or 0");
        };
    }

    /** What is no level means the default, as in sccache. */
    private static int zstdLevel(Environment environment) {
        return environment
                .get(Variable.SCCACHE_CACHE_ZSTD_LEVEL)
                .filter(level -> level.matches("-?[0-9]{1,3}"))
                .map(Integer::parseInt)
                .filter(level -> level <= MAX_ZSTD_LEVEL)
                .orElse(DEFAULT_ZSTD_LEVEL);
    }

    private static List<Path> baseDirectories(ConfigTable root, Environment environment) throws ConfigException {
        List<Path> directories = new ArrayList<>();
        for (String text : root.texts("basedirs")) {
            Path directory = root.toPath("basedirs", text);
            if (!directory.isAbsolute()) {
                throw root.problem("basedirs", "must hold absolute paths; \"" + text + "\" is not");
            }
            directories.add(directory);
        }
        Optional<String> variable = environment.get(Variable.SCCACHE_BASEDIRS);
        if (variable.isEmpty()) {
            return List.copyOf(directories);
        }
        directories.clear();
        for (String text : variable.get().split(":")) {
            if (text.isEmpty()) {
                continue;
            }
            if (!text.startsWith("/")) {
                throw ConfigException.of(Variable.SCCACHE_BASEDIRS, text, "absolute paths with colons between them");
            }
            directories.add(Path.of(text));
        }
        return List.copyOf(directories);
    }

    private static List<String> unused(ConfigTable cache) throws ConfigException {
        List<String> set = new ArrayList<>();
        for (var kind : UNUSED.entrySet()) {
            if (cache.has(kind.getKey())) {
                ConfigTable table = cache.table(kind.getKey());
                kind.getValue().forEach(table::has);
                table.rejectUnknownKeys();
                set.add(kind.getKey());
            }
        }
        set.sort(null);
        return List.copyOf(set);
    }
}
