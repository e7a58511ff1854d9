package dev.jdist.client.compiler;

/** What the command line says of colours in diagnostics. */
public enum ColorMode {
    ON,
    OFF,
    /** On if standard error is a terminal. */
    AUTO
}
