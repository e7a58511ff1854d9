package dev.jdist.client.compiler;

/** The compilers that jdist understands, as statistics name them. */
public enum CompilerKind {
    GCC,
    CLANG;

    /** The name in sccache's detailed statistics. */
    public String statisticsName() {
        return this == GCC ? "gcc" : "clang";
    }
}
