package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.Environment;
import java.nio.file.Path;
import java.util.List;

/**
 * The cache of compiles on this machine: {@code [cache.disk]} and the variables that go before it, key by key.
 *
 * @param directory of the cache
 * @param limit bytes that it may take
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
    static CacheConfig of(SettingValues values, Environment environment) {
        return new CacheConfig(
                values.get(ClientSettings.DISK_DIR),
                values.get(ClientSettings.DISK_SIZE),
                values.get(ClientSettings.DISK_RW_MODE).equals("READ_WRITE"),
                environment.zstdLevel(),
                values.get(ClientSettings.DIRECT),
                values.get(ClientSettings.IGNORE_TIME_MACROS),
                values.get(ClientSettings.BASEDIRS),
                ClientSettings.unusedCaches(values));
    }
}
