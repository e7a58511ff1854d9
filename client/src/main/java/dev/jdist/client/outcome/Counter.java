package dev.jdist.client.outcome;

import java.util.Optional;

/**
 * What statistics count. The names are those of sccache's JSON and of its text; what only jdist counts has names of its own, and
 * stands behind sccache's in both.
 */
public enum Counter {
    COMPILE_REQUESTS("compile_requests"),
    REQUESTS_EXECUTED("requests_executed"),
    REQUESTS_UNSUPPORTED_COMPILER("requests_unsupported_compiler"),
    REQUESTS_NOT_COMPILE("requests_not_compile"),
    REQUESTS_NOT_CACHEABLE("requests_not_cacheable"),
    NON_CACHEABLE_COMPILATIONS("non_cacheable_compilations"),
    COMPILATIONS("compilations"),
    COMPILE_FAILS("compile_fails"),
    DIST_ERRORS("dist_errors"),
    FORCED_RECACHES("forced_recaches"),
    CACHE_READ_ERRORS("cache_read_errors"),
    CACHE_WRITE_ERRORS("cache_write_errors"),
    CACHE_WRITES("cache_writes");

    private final String key;
    private final Optional<String> label;

    /** One of sccache's: the report knows its place. */
    Counter(String key) {
        this.key = key;
        this.label = Optional.empty();
    }

    /**
     * One of jdist's own: a new counter is a new line here.
     *
     * @param label in the text of {@code --show-stats}
     */
    @SuppressWarnings("UnusedMethod") // For the first of them.
    Counter(String key, String label) {
        this.key = key;
        this.label = Optional.of(label);
    }

    /** Its name in JSON. */
    public String key() {
        return key;
    }

    /** Its name in the text, for those that only jdist counts. */
    public Optional<String> label() {
        return label;
    }
}
