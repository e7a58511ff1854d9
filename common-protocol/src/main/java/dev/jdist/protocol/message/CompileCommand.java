package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What a builder runs, as seen from inside the toolchain's root.
 *
 * @param executable absolute path
 * @param arguments without the executable
 * @param cwd absolute path; made if it is not there
 */
public record CompileCommand(
        String executable, List<String> arguments, List<EnvironmentVariable> environment, String cwd)
        implements WireMessage {
    public CompileCommand {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
    }

    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("executable").string(executable);
        out.field("arguments").beginList(arguments.size());
        arguments.forEach(out::string);
        out.endList();
        out.field("env_vars").beginList(environment.size());
        environment.forEach(variable -> variable.encode(out));
        out.endList();
        out.field("cwd").string(cwd);
        out.endStruct();
    }

    public static CompileCommand decode(WireReader in) {
        in.beginStruct();
        String executable = in.field("executable").string();
        List<String> arguments = new ArrayList<>();
        for (int left = in.field("arguments").beginList(WireLimits.ARGUMENTS); left > 0; left--) {
            arguments.add(in.string());
        }
        in.endList();
        List<EnvironmentVariable> environment = new ArrayList<>();
        for (int left = in.field("env_vars").beginList(WireLimits.ARGUMENTS); left > 0; left--) {
            environment.add(EnvironmentVariable.decode(in));
        }
        in.endList();
        String cwd = in.field("cwd").string();
        in.endStruct();
        return new CompileCommand(executable, arguments, environment, cwd);
    }
}
