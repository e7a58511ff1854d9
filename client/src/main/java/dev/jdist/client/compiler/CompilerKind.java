package dev.jdist.client.compiler;

/** The two families of compilers that jdist understands. */
public enum CompilerKind {
    GCC,
    CLANG;

    /** The name in sccache's detailed statistics. */
    public String statisticsName() {
        return this == GCC ? "gcc" : "clang";
    }
}
