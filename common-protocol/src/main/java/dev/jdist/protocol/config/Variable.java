package dev.jdist.protocol.config;

/**
 * The environment variables that jdist reads, each declared once: who reads it, what holds if it is not set, what it may
 * be, and the line about it that {@code jdist --help} and docs/settings.md show. The launcher, which is written in C,
 * reads some of them itself. Variables of compilers are not among them: those are part of what is compiled.
 */
public enum Variable {
    SCCACHE_CONF(Reader.CLIENT, "`~/.config/sccache/config`", "the client's settings file"),
    SCCACHE_CACHED_CONF(
            Reader.CLIENT, "`~/.config/sccache/cached-config`", "file for the token of `jdist --dist-auth`"),
    SCCACHE_LOG(
            Reader.EVERY_ROLE,
            "`info` for scheduler and builder, `warn` for the client daemon",
            "log level: `error`, `warn`, `info`, `debug` or `trace`"),
    SCCACHE_LOG_MILLIS(Reader.EVERY_ROLE, "no", "if set, log times carry milliseconds"),
    SCCACHE_ERROR_LOG(
            Reader.BACKGROUND_ROLE,
            "`~/.local/state/jdist/client.log` and `scheduler.log`",
            "file to which a background process appends its log"),
    SCCACHE_NO_DAEMON(Reader.BACKGROUND_ROLE, "no", "`1`: scheduler and client daemon stay in the foreground"),
    SCCACHE_START_SERVER(Reader.CLIENT, "no", "`1`, and no other arguments: be the client daemon"),
    SCCACHE_STARTUP_NOTIFY(Reader.CLIENT, "none", "socket to which `SCCACHE_START_SERVER=1` tells how the start went"),
    SCCACHE_SERVER_PORT(Reader.CLIENT, "`4226`", "tells client daemons of one user apart"),
    SCCACHE_SERVER_UDS(Reader.CLIENT, "one in the runtime directory", "socket of the client daemon"),
    SCCACHE_MAX_FRAME_LENGTH(
            Reader.CLIENT, "`33554432`", 1 << 30, "bytes of the largest request that the client daemon takes"),
    SCCACHE_IDLE_TIMEOUT(Reader.CLIENT, "`600`", 999_999_999, "seconds until an idle client daemon ends, 0 for never"),
    SCCACHE_DIR(Reader.CLIENT, "`[cache.disk] dir`", "directory of the cache on this machine"),
    SCCACHE_CACHE_SIZE(Reader.CLIENT, "`[cache.disk] size`", "bytes that the cache may take, or like `10G`"),
    SCCACHE_LOCAL_RW_MODE(Reader.CLIENT, "`[cache.disk] rw_mode`", "`READ_ONLY`: the cache is used and not changed"),
    SCCACHE_CACHE_ZSTD_LEVEL(Reader.CLIENT, "`3`", 22, "compression of what is cached"),
    SCCACHE_DIST_CLIENT_CACHE_DIR(Reader.CLIENT, "`[dist] cache_dir`", "directory of packed compilers"),
    SCCACHE_BASEDIRS(
            Reader.CLIENT, "`basedirs`", "directories, with colons between them, whose own names do not matter"),
    JDIST_JAVA(Reader.EVERY_ROLE, "the newest one found", "the `java` program to run"),

    SCCACHE_DIRECT(
            Reader.COMPILE,
            "`use_preprocessor_cache_mode`",
            "`false`: find out by preprocessing whether a compile is known"),
    SCCACHE_RECACHE(Reader.COMPILE, "no", "if set, compile anew and replace what is cached"),
    SCCACHE_NO_CACHE(Reader.COMPILE, "no", "if set, neither look nor store"),
    SCCACHE_IGNORE_SERVER_IO_ERROR(
            Reader.COMPILE, "no", "`1`: warn when the daemon does not answer; the compiler runs in any case"),
    SCCACHE_EXTRAFILES(
            Reader.COMPILE, "none", "files, with colons between them, whose contents decide what is the same"),
    SCCACHE_C_CUSTOM_CACHE_BUSTER(Reader.COMPILE, "none", "a text that decides what is the same"),
    SCCACHE_CACHE_MULTIARCH(Reader.COMPILE, "no", "if set, compiles for several `-arch` may be cached"),

    HOME(Reader.SYSTEM, "as in `/etc/passwd`", "where `~` is"),
    XDG_CONFIG_HOME(Reader.SYSTEM, "`~/.config`", "where the client's file is"),
    XDG_CACHE_HOME(Reader.SYSTEM, "`~/.cache`", "where caches are"),
    XDG_STATE_HOME(Reader.SYSTEM, "`~/.local/state`", "where logs are"),
    XDG_RUNTIME_DIR(Reader.SYSTEM, "`/tmp/jdist-UID` is used", "where the client daemon's socket is"),
    PATH(Reader.SYSTEM, "nothing is found", "where programs are found"),
    JAVA_HOME(Reader.SYSTEM, "no", "a Java that may run jdist, where `JDIST_JAVA` says nothing"),
    SSH_CONNECTION(Reader.SYSTEM, "no", "if set, `jdist --dist-auth` says how to forward its port");

    /** Which of jdist's programs heed a variable. */
    public enum Reader {
        /** Client daemon, scheduler and builder. */
        EVERY_ROLE,
        /** Client daemon and scheduler, which can go to the background. */
        BACKGROUND_ROLE,
        CLIENT,
        /** The client, for each compile anew, from the environment of whoever calls the compiler. */
        COMPILE,
        /** Any; it is none of sccache's or jdist's, but the system's. */
        SYSTEM
    }

    private static final long UNBOUNDED = Long.MAX_VALUE;

    private final Reader reader;
    private final String unset;
    private final long most;
    private final String help;

    Variable(Reader reader, String unset, String help) {
        this(reader, unset, UNBOUNDED, help);
    }

    /** @param most of a number; larger ones mean this one or the default */
    Variable(Reader reader, String unset, long most, String help) {
        this.reader = reader;
        this.unset = unset;
        this.most = most;
        this.help = help;
    }

    public Reader reader() {
        return reader;
    }

    /** What holds if it is not set, in Markdown. */
    public String unset() {
        return unset;
    }

    /** One line of Markdown. */
    public String help() {
        return help + (most == UNBOUNDED ? "" : ", at most " + most);
    }

    /** {@link #unset}, of a number. */
    long defaultNumber() {
        return Long.parseLong(unset.replace("`", ""));
    }

    /** The largest number that it may be. */
    long most() {
        return most;
    }
}
