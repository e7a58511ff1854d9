package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.Language;
import dev.jdist.client.compiler.OutputManner;
import java.util.List;

/**
 * What gcc, clang and their assemblers do to files that are in the places of their outputs.
 *
 * <p>The GNU assembler and objcopy remove what is not empty ({@code bfd_open_file} of binutils). clang renames objects and
 * serialized diagnostics into their places ({@code CompilerInstance::createOutputFile}). All else is opened.
 *
 * @param ownAssembler whether it is clang that assembles, and no GNU assembler
 * @param module what becomes of what is in the place of a compiled module
 */
record OutputManners(CompilerKind compiler, Language language, boolean ownAssembler, OutputManner module) {
    static OutputManners of(Compiler program, Language language, List<Argument> arguments) {
        CompilerKind compiler = program.kind();
        boolean ownAssembler = arguments.stream()
                .filter(argument -> argument.has(Trait.OWN_ASSEMBLER) || argument.has(Trait.OTHER_ASSEMBLER))
                .reduce((first, last) -> last)
                .map(last -> last.has(Trait.OWN_ASSEMBLER))
                .orElse(compiler == CompilerKind.CLANG);
        OutputManner module = ClangModules.areWrittenOver(program) ? OutputManner.WRITTEN_OVER : OutputManner.REPLACED;
        return new OutputManners(compiler, language, ownAssembler, module);
    }

    /** @param kind of the output, as sccache calls it */
    OutputManner of(String kind) {
        return switch (kind) {
            case "obj" -> ofObject();
            case "dwo" -> compiler == CompilerKind.GCC ? OutputManner.REPLACED_UNLESS_EMPTY : OutputManner.WRITTEN_OVER;
            case "dia" -> OutputManner.REPLACED;
            case "pcm" -> module;
            default -> OutputManner.WRITTEN_OVER;
        };
    }

    private OutputManner ofObject() {
        if (!ownAssembler) {
            return OutputManner.REPLACED_UNLESS_EMPTY;
        }
        return language.isAssembler() ? OutputManner.WRITTEN_OVER : OutputManner.REPLACED;
    }
}
