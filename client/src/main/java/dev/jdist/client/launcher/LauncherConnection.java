package dev.jdist.client.launcher;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.OutputFile;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.launcher.LauncherMessages.Done;
import dev.jdist.client.launcher.LauncherMessages.MalformedException;
import dev.jdist.protocol.wire.Bytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One launcher's connection. The event loop reads frames; the request's own thread calls the methods of {@link Launcher},
 * which wait for the event loop where they must.
 */
public final class LauncherConnection extends SimpleChannelInboundHandler<ByteBuf> implements Launcher {
    private static final Logger log = LoggerFactory.getLogger(LauncherConnection.class);

    private final Channel channel;
    private final BiConsumer<Launcher, LauncherFrame> service;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private boolean requested;
    /** Of the request's thread. */
    private boolean sawMounts;

    private FileFingerprints compared = FileFingerprints.NONE;
    /** What it was asked last; set by the request's thread, completed by the event loop. */
    private volatile @Nullable Question<?> question;

    /** @param service called on the event loop with the first words, and must not block there */
    LauncherConnection(Channel channel, BiConsumer<Launcher, LauncherFrame> service) {
        this.channel = channel;
        this.service = service;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
        try {
            if (!requested) {
                requested = true;
                service.accept(this, new LauncherFrame(ByteBufUtil.getBytes(frame)));
                return;
            }
            Question<?> asked = question;
            if (asked == null) {
                throw new MalformedException("a launcher sent a frame without being asked");
            }
            asked.answer(frame);
        } catch (MalformedException e) {
            log.warn("a launcher is disconnected: {}", e.getMessage());
            context.close();
        }
    }

    @Override
    public int run(RunCommand order) throws CallerGoneException, InterruptedException {
        Question<Done> asked = ask(LauncherMessages::readDone);
        compared = FileFingerprints.NONE; // by then, it was a while ago
        channel.writeAndFlush(LauncherMessages.run(order));
        Done done = answer(asked);
        sawMounts |= done.sawMounts();
        return done.code();
    }

    @Override
    public boolean sawMounts() {
        return sawMounts;
    }

    @Override
    public void write(List<OutputFile> files) throws IOException, CallerGoneException, InterruptedException {
        Question<Done> asked = ask(LauncherMessages::readDone);
        channel.write(LauncherMessages.write(files));
        Optional<IOException> failure = sendPieces(files);
        channel.flush();
        int status = answer(asked).code();
        if (failure.isPresent()) {
            throw failure.get();
        } else if (status != 0) {
            throw new IOException("the launcher cannot write "
                    + files.stream().map(file -> file.place().toString()).collect(Collectors.joining(" or ")));
        }
    }

    /** @return why what is to be in one of them cannot be had, which the launcher has been told then */
    private Optional<IOException> sendPieces(List<OutputFile> files) {
        Optional<IOException> failure = Optional.empty();
        for (OutputFile file : files) {
            PieceStream pieces = new PieceStream(channel);
            try {
                if (failure.isEmpty()) {
                    file.content().writeTo(pieces);
                }
            } catch (IOException e) {
                failure = Optional.of(e);
            }
            pieces.end(failure.isEmpty());
        }
        return failure;
    }

    @Override
    public void compare(FileFingerprints files) {
        if (!files.equals(compared)) {
            compared = files;
            channel.writeAndFlush(LauncherMessages.compare(files));
        }
    }

    @Override
    public BitSet offer(LauncherOffer offer, Runnable taken) {
        FileFingerprints files = compared;
        compared = FileFingerprints.NONE;
        try {
            Question<BitSet> asked = ask(frame -> {
                BitSet changed = LauncherMessages.readChecked(frame, files.count());
                if (changed.isEmpty()) {
                    taken.run();
                }
                return changed;
            });
            channel.write(LauncherMessages.offer(offer));
            sendPieces(offer.outputs()); // in memory, all of it
            channel.flush();
            return answer(asked);
        } catch (CallerGoneException e) {
            return files.all();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return files.all();
        }
    }

    /** Reads what a launcher answers. */
    private interface Reader<A> {
        A read(ByteBuf frame) throws MalformedException;
    }

    private record Question<A>(Reader<A> reader, CompletableFuture<A> answer) {
        void answer(ByteBuf frame) throws MalformedException {
            answer.complete(reader.read(frame));
        }
    }

    /** Has the answer to what is sent next read. */
    private <A> Question<A> ask(Reader<A> reader) throws CallerGoneException {
        Question<A> asked = new Question<>(reader, new CompletableFuture<>());
        question = asked;
        if (gone.isDone()) {
            question = null;
            throw new CallerGoneException();
        }
        return asked;
    }

    private <A> A answer(Question<A> asked) throws CallerGoneException, InterruptedException {
        try {
            return asked.answer.get();
        } catch (ExecutionException e) {
            throw new CallerGoneException();
        } finally {
            question = null;
        }
    }

    @Override
    public void exit(int code, Bytes stdout, Bytes stderr) {
        channel.writeAndFlush(LauncherMessages.exit(code, stdout, stderr)).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void become() {
        channel.writeAndFlush(LauncherMessages.become()).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public CompletionStage<Void> gone() {
        return gone;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        gone.complete(null);
        Question<?> asked = question;
        if (asked != null) {
            asked.answer.completeExceptionally(new CallerGoneException());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof TooLongFrameException) {
            log.warn(
                    "a request exceeds SCCACHE_MAX_FRAME_LENGTH; its launcher becomes the compiler: {}",
                    cause.getMessage());
        } else {
            log.debug("a launcher's connection ended: {}", cause.toString());
        }
        context.close();
    }
}
