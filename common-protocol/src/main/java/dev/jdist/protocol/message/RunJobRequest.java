package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The head of a run_job body; the inputs follow as a zlib stream of a tar.
 *
 * @param outputs absolute paths of the files to send back; one that the compiler did not write is left out of the answer
 */
public record RunJobRequest(CompileCommand command, List<String> outputs) implements WireMessage {
    public RunJobRequest {
        outputs = List.copyOf(outputs);
    }

    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("command");
        command.encode(out);
        out.field("outputs").beginList(outputs.size());
        outputs.forEach(out::string);
        out.endList();
        out.endStruct();
    }

    public static RunJobRequest decode(WireReader in) {
        in.beginStruct();
        CompileCommand command = CompileCommand.decode(in.field("command"));
        List<String> outputs = new ArrayList<>();
        for (int left = in.field("outputs").beginList(WireLimits.OUTPUTS); left > 0; left--) {
            outputs.add(in.string());
        }
        in.endList();
        in.endStruct();
        return new RunJobRequest(command, outputs);
    }
}
