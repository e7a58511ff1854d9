package dev.jdist.client.launcher;

import dev.jdist.client.caller.CallerGoneException;
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
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
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
        Done done = ask(LauncherMessages.run(order), LauncherMessages::readDone);
        sawMounts |= done.sawMounts();
        return done.code();
    }

    @Override
    public boolean sawMounts() {
        return sawMounts;
    }

    @Override
    public void compare(FileFingerprints files) {
        compared = files;
        channel.writeAndFlush(LauncherMessages.compare(files));
    }

    @Override
    public BitSet offer(LauncherOffer offer, Runnable taken) {
        FileFingerprints files = compared;
        try {
            return ask(LauncherMessages.offer(offer), frame -> {
                BitSet changed = LauncherMessages.readChecked(frame, files.count());
                if (changed.isEmpty()) {
                    taken.run();
                }
                return changed;
            });
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

    private <A> A ask(ByteBuf order, Reader<A> reader) throws CallerGoneException, InterruptedException {
        Question<A> asked = new Question<>(reader, new CompletableFuture<>());
        question = asked;
        if (gone.isDone()) {
            order.release();
            throw new CallerGoneException();
        }
        channel.writeAndFlush(order);
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
