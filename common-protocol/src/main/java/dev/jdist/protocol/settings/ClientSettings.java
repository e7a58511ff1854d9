package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.config.Variable;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.settings.ClientConfig.LoginUrl;
import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The keys of the client's file. A new key is one more constant here, as in {@link ServerSettings}. */
public final class ClientSettings {
    public static final SettingsFile FILE = new SettingsFile();

    /** What stock keeps of toolchains where nothing is set, on clients and on builders. */
    static final long DEFAULT_TOOLCHAIN_CACHE_SIZE = 10 * ByteSize.GIB;

    /** What is said of a type that sccache had once; what to use in its place follows. */
    static final String NO_MOZILLA = "= \"mozilla\" needs Mozilla's own identity service, which sccache dropped; use ";

    private static final SettingsTable TOP = FILE.top();
    private static final SettingsTable DIST = TOP.table("dist");
    private static final SettingsTable AUTH = DIST.table("auth");
    static final SettingsTable TOOLCHAINS = DIST.rows("toolchains");
    private static final SettingsTable JDIST = TOP.table("jdist");
    private static final SettingsTable CACHE = TOP.table("cache");
    private static final SettingsTable DISK = CACHE.table("disk");
    private static final SettingsTable MODES = DISK.table("preprocessor_cache_mode");

    public static final Setting<Optional<HttpUrl>> SCHEDULER_URL = DIST.key("scheduler_url", SettingType.URL)
            .optional("none: nothing is distributed", "the scheduler, `http://` or `https://`");

    public static final Setting<Long> TOOLCHAIN_CACHE_SIZE = DIST.key("toolchain_cache_size", SettingType.SIZE)
            .byDefault(DEFAULT_TOOLCHAIN_CACHE_SIZE, "packed compilers");

    public static final Setting<Path> CACHE_DIR = DIST.key("cache_dir", SettingType.PATH)
            .overriddenBy(Variable.SCCACHE_DIST_CLIENT_CACHE_DIR, Path::of)
            .byDefault(
                    "`~/.cache/sccache-dist-client`",
                    machine -> machine.environment().cacheHome().resolve("sccache-dist-client"),
                    "where packed compilers are kept, in a folder `jdist`");

    public static final Setting<Boolean> REWRITE_INCLUDES_ONLY = DIST.key("rewrite_includes_only", SettingType.FLAG)
            .byDefault(false, "preprocess with `-fdirectives-only` or `-frewrite-includes`");

    public static final Setting<String> AUTH_TYPE = AUTH.key(
                    "type",
                    SettingType.choiceBut(
                            Optional.of("mozilla"),
                            NO_MOZILLA + "\"token\", \"oauth2_code_grant_pkce\" or \"oauth2_implicit\"",
                            "token",
                            "oauth2_code_grant_pkce",
                            "oauth2_implicit"))
            .requiredInTable(
                    "`\"token\"`",
                    "token",
                    "how this client shows that it may use the farm; the last two are to [log in](#logging-in)");

    public static final Setting<Secret> AUTH_TOKEN = AUTH.key("token", SettingType.SECRET)
            .inVariant(AUTH_TYPE, "token")
            .requiredInTable(
                    "that of an insecure scheduler",
                    SchedulerConfig.INSECURE_CLIENT_TOKEN,
                    "what the scheduler's `[client_auth]` lets in");

    public static final Setting<String> CLIENT_ID = AUTH.key("client_id", SettingType.TEXT)
            .inVariant(AUTH_TYPE, "oauth2_code_grant_pkce", "oauth2_implicit")
            .required("the name under which the login server knows jdist");

    public static final Setting<LoginUrl> AUTH_URL = AUTH.key(
                    "auth_url",
                    SettingType.TEXT.then(
                            "URL",
                            (table, key, written) ->
                                    new LoginUrl(written, table.url(key).orElseThrow()),
                            SettingType::quote))
            .inVariant(AUTH_TYPE, "oauth2_code_grant_pkce", "oauth2_implicit")
            .required("the page of the login server");

    public static final Setting<HttpUrl> TOKEN_URL = AUTH.key("token_url", SettingType.URL)
            .inVariant(AUTH_TYPE, "oauth2_code_grant_pkce")
            .required("where the login server hands out tokens");

    public static final Setting<String> TOOLCHAIN_TYPE = TOOLCHAINS
            .key("type", SettingType.choice("no_dist", "path_override"))
            .required("`\"no_dist\"`: this compiler stays here; `\"path_override\"`: it comes from an archive");

    public static final Setting<Path> TOOLCHAIN_COMPILER = TOOLCHAINS
            .key("compiler_executable", SettingType.PATH)
            .unique()
            .required("the compiler, as callers name it");

    public static final Setting<Path> TOOLCHAIN_ARCHIVE = TOOLCHAINS
            .key("archive", SettingType.PATH)
            .inVariant(TOOLCHAIN_TYPE, "path_override")
            .required("a gzip-compressed tar of a root directory");

    public static final Setting<String> TOOLCHAIN_ARCHIVE_COMPILER = TOOLCHAINS
            .key("archive_compiler_executable", SettingType.TEXT)
            .inVariant(TOOLCHAIN_TYPE, "path_override")
            .required("the compiler in it");

    public static final Setting<BuilderChoice> BUILDERS = JDIST.key(
                    "builders",
                    SettingType.TEXTS.then(
                            "list of at most " + BuilderChoice.MOST + " addresses",
                            ClientSettings::builders,
                            ClientSettings::write))
            .byDefault(
                    "all",
                    machine -> BuilderChoice.ANY,
                    "the builders to use of those that the farm has, by address: `[\"192.168.1.211:10501\"]`");

    public static final Setting<Optional<CertificatePin>> SCHEDULER_PIN =
            JDIST.key(SchedulerPin.KEY, SchedulerPin.TYPE).optional(SchedulerPin.ABSENCE, SchedulerPin.HELP);

    public static final Setting<Integer> AUDIT_PER_MILLE = JDIST.key(
                    "audit_per_mille", SettingType.integer("number", 0, 1000))
            .byDefault(
                    1,
                    "of a thousand units that builders compile, how many are compiled a second time and compared"
                            + " ([audits](failure-model.md#builders-that-make-something-else)); 0 for none");

    public static final Setting<String> SOURCES = JDIST.key("sources", SettingType.choice("auto", "never"))
            .byDefault(
                    "never",
                    "`\"auto\"`: builders compile the sources themselves where they can; `\"never\"`: they get preprocessed"
                            + " source");

    public static final Setting<Duration> STARTUP_TIMEOUT = TOP.key(
                    "server_startup_timeout_ms", SettingType.MILLISECONDS)
            .byDefault(
                    Duration.ofSeconds(10),
                    "how long a daemon may take to start, once Java runs, which has half a minute for that");

    public static final Setting<Path> DISK_DIR = DISK.key("dir", SettingType.PATH)
            .overriddenBy(Variable.SCCACHE_DIR, Path::of)
            .byDefault(
                    "`~/.cache/sccache`",
                    machine -> machine.environment().cacheHome().resolve("sccache"),
                    "where compiles are cached, in a folder `jdist-1`");

    public static final Setting<Long> DISK_SIZE = DISK.key("size", SettingType.SIZE)
            .overriddenBy(Variable.SCCACHE_CACHE_SIZE, ClientSettings::size)
            .byDefault(10 * ByteSize.GIB, "what the entries may take; the least recently used goes first");

    public static final Setting<String> DISK_RW_MODE = DISK.key(
                    "rw_mode", SettingType.choice("READ_WRITE", "READ_ONLY"))
            .overriddenBy(Variable.SCCACHE_LOCAL_RW_MODE, ClientSettings::mode)
            .byDefault("READ_WRITE", "`\"READ_ONLY\"`: what is there is used, and nothing changed");

    /** As in sccache: on by itself, and off where the table is there and does not say so. */
    public static final Setting<Boolean> DIRECT = MODES.key("use_preprocessor_cache_mode", SettingType.FLAG)
            .overriddenBy(Variable.SCCACHE_DIRECT, ClientSettings::direct)
            .byTable(
                    true,
                    false,
                    "`true`, and `false` where the table is there without it, as in sccache",
                    "recognise a compile by its files, without the preprocessor");

    public static final Setting<Boolean> IGNORE_TIME_MACROS = MODES.key("ignore_time_macros", SettingType.FLAG)
            .byDefault(false, "do so although they mention `__TIME__` and its like");

    public static final Setting<List<Path>> BASEDIRS = TOP.key(
                    "basedirs",
                    SettingType.TEXTS.then("list of absolute paths", ClientSettings::absolute, SettingType::quoteAll))
            .overriddenBy(Variable.SCCACHE_BASEDIRS, ClientSettings::baseDirectories)
            .byDefault(
                    List.of(),
                    "directories whose own names do not matter: what was compiled in one is found in another");

    // What sccache 0.19 knows and jdist has no use for.
    static {
        TOP.key("client_side_mode", SettingType.FLAG).ignored();
        for (String key :
                List.of("file_stat_matches", "use_ctime_for_stat", "skip_system_headers", "hash_working_directory")) {
            MODES.key(key, SettingType.FLAG).ignored();
        }
        unused("azure", "container key_prefix storage_account rw_mode", "connection_string endpoint");
        unused("cos", "bucket key_prefix rw_mode", "endpoint");
        unused("gcs", "bucket key_prefix cred_path service_account rw_mode", "credential_url");
        unused("gha", "enabled version rw_mode", "");
        unused("memcached", "expiration key_prefix rw_mode", "url endpoint username password");
        unused("multilevel", "chain write_error_policy", "");
        unused("oss", "bucket key_prefix no_credentials rw_mode", "endpoint");
        unused("redis", "db ttl expiration key_prefix rw_mode", "endpoint cluster_endpoints username password url");
        unused(
                "s3",
                "bucket region key_prefix no_credentials use_ssl server_side_encryption"
                        + " server_side_encryption_aws_kms server_side_encryption_kms_key_id"
                        + " enable_virtual_host_style rw_mode",
                "endpoint");
        unused("webdav", "key_prefix rw_mode disable_create_dir", "endpoint username password token");
    }

    private ClientSettings() {}

    /** A cache that this version does not have. @param secrets keys in whose values passwords may be */
    private static void unused(String cache, String keys, String secrets) {
        SettingsTable table = CACHE.table(cache);
        for (String key : keys.split(" ")) {
            table.key(key, SettingType.ANY).ignored();
        }
        for (String key : secrets.isEmpty() ? new String[0] : secrets.split(" ")) {
            table.key(key, SettingType.ANY_SECRET).ignored();
        }
    }

    /** The tables of caches that the file has and that this version does not use, by name. */
    static List<String> unusedCaches(SettingValues values) {
        return values.tables().stream()
                .filter(table -> table.parent().equals(Optional.of(CACHE)) && table != DISK)
                .map(SettingsTable::name)
                .sorted()
                .toList();
    }

    private static BuilderChoice builders(ConfigTable table, String key, List<String> written) throws ConfigException {
        Set<ServerId> only = new HashSet<>();
        for (String builder : written) {
            try {
                only.add(ServerId.parse(builder));
            } catch (IllegalArgumentException e) {
                throw table.problem(key, "is wrong: " + e.getMessage());
            }
        }
        if (only.isEmpty()) {
            throw table.problem(key, "names none; leave it out to use all, and [dist] scheduler_url to use no farm");
        }
        if (only.size() > BuilderChoice.MOST) {
            throw table.problem(
                    key, "names " + only.size() + " builders; at most " + BuilderChoice.MOST + " can be chosen");
        }
        return new BuilderChoice(only);
    }

    private static String write(BuilderChoice choice) {
        return choice.isAny()
                ? ""
                : SettingType.quoteAll(
                        choice.only().stream().map(ServerId::toString).sorted().toList());
    }

    private static List<Path> absolute(ConfigTable table, String key, List<String> written) throws ConfigException {
        List<Path> directories = new ArrayList<>();
        for (String text : written) {
            Path directory = table.toPath(key, text);
            if (!directory.isAbsolute()) {
                throw table.problem(key, "must hold absolute paths; \"" + text + "\" is not");
            }
            directories.add(directory);
        }
        return List.copyOf(directories);
    }

    private static List<Path> baseDirectories(String variable) throws ConfigException {
        List<Path> directories = new ArrayList<>();
        for (String text : variable.split(":")) {
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

    private static long size(String text) throws ConfigException {
        return ByteSize.parse(text)
                .orElseThrow(
                        () -> ConfigException.of(Variable.SCCACHE_CACHE_SIZE, text, "a number of bytes, or like 10G"));
    }

    private static String mode(String text) throws ConfigException {
        String mode = text.toUpperCase(Locale.ROOT);
        if (!mode.equals("READ_ONLY") && !mode.equals("READ_WRITE")) {
            throw ConfigException.of(Variable.SCCACHE_LOCAL_RW_MODE, text, "READ_ONLY or READ_WRITE");
        }
        return mode;
    }

    private static boolean direct(String text) throws ConfigException {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "on", "1" -> true;
            case "false", "off", "0" -> false;
            default -> throw ConfigException.of(Variable.SCCACHE_DIRECT, text, "true, on, 1, false, off or 0");
        };
    }
}
