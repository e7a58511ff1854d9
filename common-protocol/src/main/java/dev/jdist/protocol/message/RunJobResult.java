package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;
import java.util.ArrayList;
import java.util.List;

/** A builder's answer to {@code run_job}. The bincode variant index stands in brackets. */
public sealed interface RunJobResult extends WireMessage {
    /** [0] the job is not, or no longer, known */
    record JobNotFound() implements RunJobResult {
        @Override
        public void encode(WireWriter out) {
            out.unitVariant(0, "JobNotFound");
        }
    }

    /** [1] the compiler ran; whether it was content is for its exit code to say */
    record Complete(ProcessOutput output, List<OutputFile> outputs) implements RunJobResult {
        public Complete {
            outputs = List.copyOf(outputs);
        }

        @Override
        public void encode(WireWriter out) {
            out.beginVariant(1, "Complete");
            out.beginStruct();
            out.field("output");
            output.encode(out);
            out.field("outputs").beginList(outputs.size());
            outputs.forEach(file -> file.encode(out));
            out.endList();
            out.endStruct();
            out.endVariant();
        }
    }

    static RunJobResult decode(WireReader in) {
        RunJobResult result;
        if (in.variant("JobNotFound", "Complete") == 0) {
            result = new JobNotFound();
        } else {
            in.beginStruct();
            ProcessOutput output = ProcessOutput.decode(in.field("output"));
            List<OutputFile> outputs = new ArrayList<>();
            for (int left = in.field("outputs").beginList(WireLimits.OUTPUTS); left > 0; left--) {
                outputs.add(OutputFile.decode(in));
            }
            in.endList();
            in.endStruct();
            result = new Complete(output, outputs);
        }
        in.endVariant();
        return result;
    }
}
