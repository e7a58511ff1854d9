package dev.jdist.client.compiler.cfamily;

/** What the command line says of colours in diagnostics. */
enum ColorMode {
    ON,
    OFF,
    /** On if standard error is a terminal. */
    AUTO
}
