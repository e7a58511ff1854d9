package dev.jdist.client.unit;

import dev.jdist.client.caller.CallerProcess;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.compiler.CompileOutput;
import dev.jdist.client.compiler.CompileUnit;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.OutputManner;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.outcome.UnitLabel;
import dev.jdist.client.unit.OutputPlaces.Place;
import dev.jdist.protocol.wire.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A translation unit, and who wants it compiled.
 *
 * @param caller runs commands, and writes what need not be compiled there
 * @param compilerStats of the files that say which compiler it is, from before that was known
 * @param asked when the compile was asked for, in nanoseconds since 1970
 */
public record CompileTask(
        CallerProcess caller,
        CallerRequest request,
        Compiler compiler,
        CompileUnit unit,
        Map<Path, Optional<FileStat>> compilerStats,
        long asked) {
    /** The source file, absolute. */
    public Path source() {
        return request.cwd().resolve(unit.input());
    }

    /** Files that options name and the compiler reads without including them, absolute. */
    public List<Path> optionFiles() {
        List<Path> files = new ArrayList<>();
        unit.caching().inputFiles().forEach(file -> files.add(request.cwd().resolve(file)));
        for (String profile : unit.caching().profiles()) {
            Path path = request.cwd().resolve(profile);
            files.add(Files.isDirectory(path) ? path.resolve("default.profdata") : path);
        }
        return files;
    }

    /** Where an output goes, absolute. */
    public Path placeOf(CompileOutput output) {
        return request.cwd().resolve(output.path());
    }

    /** What builders call an output. They have no links, but here {@code link/../a.o} need not be {@code a.o}. */
    public String nameOf(CompileOutput output) {
        return placeOf(output).normalize().toString();
    }

    /** All places of outputs, in the order in which the unit names them. */
    public OutputPlaces places() {
        return new OutputPlaces(
                unit.outputs().stream()
                        .map(output -> new Place(placeOf(output), output.manner()))
                        .toList(),
                new Place(request.cwd().resolve(unit.caching().dependencyFile()), OutputManner.WRITTEN_OVER));
    }

    /** Under which names statistics count it. */
    public UnitLabel label() {
        return new UnitLabel(
                unit.language().statisticsGroup(),
                unit.language().statisticsName() + " [" + compiler.kind().statisticsName() + "]");
    }

    /** Whether the caller's terminal is to show diagnostics in colour. */
    public boolean colors() {
        return unit.colors(request.stderrIsTerminal(), request.environment());
    }

    /** Options that have the compiler print into a file what it would print on the caller's terminal. */
    public List<String> terminalOptions() {
        return unit.terminalOptions(request.stderrIsTerminal(), request.environment());
    }

    /** Whether the caller's terminal would show what a compiler printed into a file as the compiler prints it there. */
    public boolean isShownAlike(Bytes printed) {
        return printed.isEmpty()
                || !unit.trims(
                        request.stderrIsTerminal(), request.columns(), request.environment(), printed.toByteArray());
    }
}
