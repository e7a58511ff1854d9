package dev.jdist.client.daemon;

import dev.jdist.client.compiler.CompilerFamily;
import dev.jdist.client.compiler.cfamily.CFamily;
import java.util.List;

/** The families of compilers that jdist knows; where two claim a program, the first one has it. */
public final class CompilerFamilies {
    public static final List<CompilerFamily> ALL = List.of(CFamily.INSTANCE);

    private CompilerFamilies() {}
}
