package dev.jdist.client.compiler.cfamily;

/** What the command line says of colours in diagnostics. */
enum ColorMode {
    /** Nothing: as {@link #AUTO}, but for a clang that heeds {@code NO_COLOR}, which it does then only. */
    UNSAID,
    ON,
    OFF,
    /** On if standard error is a terminal. */
    AUTO
}
