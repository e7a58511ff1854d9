package dev.jdist.protocol.view;

import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;
import java.util.List;

/**
 * What a builder asked for by {@link RunSourcesReply.Ask}, and what it would probably ask for next. The body of {@code
 * answer_sources} is this in a {@link SourcesBody}.
 *
 * <p>A path is answered by its node; a directory of which all is wanted by its node with the digest of a complete listing,
 * which is among the contents unless the builder has it; a content by its bytes.
 *
 * @param nodes sorted here; no path is there twice. They count for more than what was said before
 */
public record SourceAnswers(List<PathNode> nodes, List<Content> contents) implements WireMessage {
    /** @throws IllegalArgumentException if something is there twice, or too much is there */
    public SourceAnswers {
        nodes = PathNode.sorted(nodes);
        contents = Content.checked(contents);
    }

    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("nodes").bytes(PathNode.pack(nodes));
        Content.encode(contents, out.field("contents"));
        out.endStruct();
    }

    public static SourceAnswers decode(WireReader in) {
        in.beginStruct();
        List<PathNode> nodes = PathNode.unpack(in.field("nodes"));
        List<Content> contents = Content.decode(in.field("contents"));
        in.endStruct();
        try {
            return new SourceAnswers(nodes, contents);
        } catch (IllegalArgumentException e) {
            throw new WireFormatException(Reason.of(e), e);
        }
    }
}
