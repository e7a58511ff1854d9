package dev.jdist.protocol.view;

import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks a builder to run a command on the client's files, of which it sees what the client vouches for. The body of {@code
 * run_sources} is this in a {@link SourcesBody}.
 *
 * @param command the original one, on the original paths
 * @param outputs absolute paths of the files to send back; one that the command did not write is left out of the answer
 * @param client 32 random bytes that a client daemon keeps: who has sent a content under them may name it later by its digest
 * @param root digest of the {@link Listing} of "/"
 * @param nodes what is at single paths; they lie over the tree of {@code root}, and count for more. Sorted here; no path is
 *     there twice
 * @param offered contents that the command will probably need, listings among them: a builder that lacks some asks for all of
 *     these at once. Sorted here
 * @param contents those that the builder lacks, as far as the client knows
 */
public record RunSourcesRequest(
        CompileCommand command,
        List<String> outputs,
        Bytes client,
        Sha256 root,
        List<PathNode> nodes,
        List<Sha256> offered,
        List<Content> contents)
        implements WireMessage {
    /** Of {@code client}. */
    public static final int CLIENT_BYTES = 32;

    /** @throws IllegalArgumentException if {@code client} has another length, something is there twice, or too much is there */
    public RunSourcesRequest {
        if (client.size() != CLIENT_BYTES) {
            throw new IllegalArgumentException(
                    "the client's identity has " + CLIENT_BYTES + " bytes, not " + client.size());
        }
        outputs = List.copyOf(outputs);
        nodes = PathNode.sorted(nodes);
        offered = PackedPaths.sortedDigests(offered);
        contents = Content.checked(contents);
    }

    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("command");
        command.encode(out);
        out.field("outputs").beginList(outputs.size());
        outputs.forEach(out::string);
        out.endList();
        out.field("client").bytes(client);
        out.field("root").bytes(root.toBytes());
        out.field("nodes").bytes(PathNode.pack(nodes));
        out.field("offered").bytes(PackedPaths.packDigests(offered));
        Content.encode(contents, out.field("contents"));
        out.endStruct();
    }

    public static RunSourcesRequest decode(WireReader in) {
        in.beginStruct();
        CompileCommand command = CompileCommand.decode(in.field("command"));
        List<String> outputs = new ArrayList<>();
        for (int left = in.field("outputs").beginList(WireLimits.OUTPUTS); left > 0; left--) {
            outputs.add(in.string());
        }
        in.endList();
        Bytes client = Bytes.wrap(PackedReader.bytes(in.field("client"), "a client's identity", CLIENT_BYTES));
        Sha256 root = Content.decodeDigest(in.field("root"));
        List<PathNode> nodes = PathNode.unpack(in.field("nodes"));
        List<Sha256> offered = PackedPaths.unpackDigests(in.field("offered"));
        List<Content> contents = Content.decode(in.field("contents"));
        in.endStruct();
        try {
            return new RunSourcesRequest(command, outputs, client, root, nodes, offered, contents);
        } catch (IllegalArgumentException e) {
            throw new WireFormatException(Reason.of(e), e);
        }
    }
}
