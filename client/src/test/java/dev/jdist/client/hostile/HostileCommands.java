package dev.jdist.client.hostile;

import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.EnvironmentVariable;
import dev.jdist.protocol.message.RunJobRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Requests that no client makes, by the names that {@code hostile-jobs.txt} has for them. */
public final class HostileCommands {
    /** More than Linux takes for one argument, and for all of them. */
    private static final int ONE = 200_000;

    private static final int ALL = 60_000;

    private HostileCommands() {}

    /** @param plain the arguments with which the program does nothing */
    static RunJobRequest named(String name, List<String> plain) {
        return switch (name) {
            case "a program that is no path" -> program("gcc", plain);
            case "a program that is not there" -> program("/usr/bin/nothing", plain);
            case "a program that is a directory" -> program("/usr", plain);
            case "a program in /proc" ->
                program("/proc/self/exe", List.of("--ro-bind", "/", "/", "/usr/bin/gcc", "nothing", "x"));
            case "a directory that is no path" -> in("work", plain);
            case "a directory that is a file" -> in("/usr/bin/gcc", plain);
            case "a directory by dots" -> in("/work/../../../proc/1/root", plain);
            case "an argument that is too long" -> arguments(plain, List.of("x".repeat(ONE)));
            case "too many arguments" -> arguments(plain, Collections.nCopies(ALL, "x".repeat(50)));
            case "an argument with a NUL" -> arguments(plain, List.of("a\0b"));
            case "arguments for bubblewrap" ->
                arguments(plain, List.of("--bind", "/", "/host", "--cap-add", "ALL", "--", "--share-net"));
            case "a variable that is too long" -> variable("A", "x".repeat(ONE), plain);
            case "a variable for the loader" -> variable("LD_PRELOAD", "/work/large", plain);
            case "a variable for the shell" -> variable("BASH_FUNC_x%%", "() { :; }; /work/x", plain);
            case "an output that is no path" -> outputs(plain, "out");
            case "an output by dots" -> outputs(plain, "/../../../../../../etc/passwd");
            case "an output with a NUL" -> outputs(plain, "/a\0b");
            case "an output of 5000 octets" -> outputs(plain, "/" + "n".repeat(5000));
            case "an output in /proc" -> outputs(plain, "/proc/1/environ");
            case "the same output a thousand times" ->
                outputs(plain, Collections.nCopies(1000, "/work/large").toArray(String[]::new));
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static RunJobRequest program(String program, List<String> arguments) {
        return new RunJobRequest(new CompileCommand(program, arguments, List.of(), "/work"), List.of());
    }

    private static RunJobRequest in(String directory, List<String> arguments) {
        return new RunJobRequest(new CompileCommand("/usr/bin/gcc", arguments, List.of(), directory), List.of());
    }

    private static RunJobRequest arguments(List<String> plain, List<String> more) {
        List<String> all = new ArrayList<>(plain);
        all.addAll(more);
        return new RunJobRequest(HostileFarm.command(all), List.of());
    }

    private static RunJobRequest variable(String name, String value, List<String> plain) {
        return new RunJobRequest(HostileFarm.command(plain, new EnvironmentVariable(name, value)), List.of());
    }

    private static RunJobRequest outputs(List<String> plain, String... outputs) {
        return new RunJobRequest(HostileFarm.command(plain), List.of(outputs));
    }
}
