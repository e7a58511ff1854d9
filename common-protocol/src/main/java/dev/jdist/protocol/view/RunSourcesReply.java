package dev.jdist.protocol.view;

import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;
import java.util.List;

/**
 * A builder's answer to {@code run_sources} and to {@code answer_sources}. The bincode variant index stands in brackets.
 */
public sealed interface RunSourcesReply extends WireMessage {
    /** [0] the job is not, or no longer, known */
    record JobNotFound() implements RunSourcesReply {
        @Override
        public void encode(WireWriter out) {
            out.unitVariant(0, "JobNotFound");
        }
    }

    /**
     * [1] The command waits for what only the client knows. All lists are sorted here, and have nothing twice.
     *
     * @param paths of which it is asked what is there
     * @param directories of which all entries are wanted
     * @param contents files and listings whose bytes are wanted
     */
    record Ask(List<String> paths, List<String> directories, List<Sha256> contents) implements RunSourcesReply {
        /** @throws IllegalArgumentException if nothing is asked, something twice, or too much */
        public Ask {
            paths = PackedPaths.sorted(paths);
            directories = PackedPaths.sorted(directories);
            contents = PackedPaths.sortedDigests(contents);
            if (paths.isEmpty() && directories.isEmpty() && contents.isEmpty()) {
                throw new IllegalArgumentException("nothing is asked");
            }
        }

        @Override
        public void encode(WireWriter out) {
            out.beginVariant(1, "Ask");
            out.beginStruct();
            out.field("paths").bytes(PackedPaths.pack(paths));
            out.field("directories").bytes(PackedPaths.pack(directories));
            out.field("contents").bytes(PackedPaths.packDigests(contents));
            out.endStruct();
            out.endVariant();
        }

        private static Ask decode(WireReader in) {
            in.beginStruct();
            List<String> paths = PackedPaths.unpack(in.field("paths"));
            List<String> directories = PackedPaths.unpack(in.field("directories"));
            List<Sha256> contents = PackedPaths.unpackDigests(in.field("contents"));
            in.endStruct();
            try {
                return new Ask(paths, directories, contents);
            } catch (IllegalArgumentException e) {
                throw new WireFormatException(Reason.of(e), e);
            }
        }
    }

    /**
     * [2] The command ran; whether it was content is for its exit code to say.
     *
     * @param used all that it had to do with, from which the client learns what the result depends on. Sorted here by path
     *     and kind; none is there twice
     * @param result as of {@code run_job}: outputs stay where they are
     */
    record Complete(List<Used> used, RunJobResult.Complete result) implements RunSourcesReply {
        /** @throws IllegalArgumentException if a path was used twice in one way, or if they are too many */
        public Complete {
            used = Used.sorted(used);
        }

        @Override
        public void encode(WireWriter out) {
            out.beginVariant(2, "Complete");
            out.beginStruct();
            out.field("used").bytes(Used.pack(used));
            out.field("result");
            result.encode(out);
            out.endStruct();
            out.endVariant();
        }

        private static Complete decode(WireReader in) {
            in.beginStruct();
            List<Used> used = Used.unpack(in.field("used"));
            if (!(RunJobResult.decode(in.field("result")) instanceof RunJobResult.Complete result)) {
                throw new WireFormatException("the job was completed, and its result says that there is none");
            }
            in.endStruct();
            return new Complete(used, result);
        }
    }

    static RunSourcesReply decode(WireReader in) {
        RunSourcesReply reply = switch (in.variant("JobNotFound", "Ask", "Complete")) {
            case 0 -> new JobNotFound();
            case 1 -> Ask.decode(in);
            default -> Complete.decode(in);
        };
        in.endVariant();
        return reply;
    }
}
