package dev.jdist.client.launcher;

import dev.jdist.client.files.Directories;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.http.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on a Unix socket for the launchers of one user. */
public final class LauncherServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LauncherServer.class);
    private static final int BACKLOG = 1024;
    private static final int LENGTH_BYTES = 4;

    private final Path socket;
    private final Channel listener;

    private LauncherServer(Path socket, Channel listener) {
        this.socket = socket;
        this.listener = listener;
    }

    /**
     * Takes the socket. Launchers that call wait until {@link #serve}.
     *
     * @param maxFrame bytes of a message, its length not counted; who sends more is cut off
     * @param service called on an event loop for each launcher; must not block
     */
    public static LauncherServer open(
            EventLoops loops, Path socket, int maxFrame, BiConsumer<Launcher, LauncherFrame> service)
            throws StartupException, IOException {
        if (Files.exists(socket)) {
            if (isServed(socket)) {
                throw new AddressInUseException(socket);
            }
            if (!isSocket(socket)) {
                throw new StartupException(
                        socket + " is not a socket; remove it, or name another in SCCACHE_SERVER_UDS");
            }
            Files.delete(socket);
        }
        boolean isPrivate = isPrivate(Directories.of(socket.toAbsolutePath()));
        ChannelFuture bound = new ServerBootstrap()
                // One loop accepts and reads: to wake another one takes longer than what launchers have to say.
                .group(loops.group().next())
                .channel(NioServerDomainSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<NioDomainSocketChannel>() {
                    /** Names of users are looked up in files or farther away: this one once, not for each launcher. */
                    private volatile @Nullable UserPrincipal owner;

                    @Override
                    protected void initChannel(NioDomainSocketChannel channel) throws IOException {
                        if (owner == null) {
                            owner = Files.getOwner(socket);
                        }
                        if (!isPrivate && !isOurs(channel, owner)) {
                            channel.close();
                            return;
                        }
                        channel.pipeline()
                                .addLast(new LengthFieldBasedFrameDecoder(
                                        LENGTH_BYTES + maxFrame, 0, LENGTH_BYTES, 0, LENGTH_BYTES))
                                .addLast(new LengthFieldPrepender(LENGTH_BYTES))
                                .addLast(new LauncherConnection(channel, service));
                    }
                })
                .bind(UnixDomainSocketAddress.of(socket))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + socket + ": " + bound.cause().getMessage(), bound.cause());
        }
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        // The note of a launcher that no daemon could be started lately: see start_client_daemon in daemon.c.
        Files.deleteIfExists(Path.of(socket + ".failed"));
        return new LauncherServer(socket, bound.channel());
    }

    /** Serves launchers from now on. */
    public void serve() {
        listener.config().setAutoRead(true);
    }

    private static boolean isSocket(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther();
    }

    private static boolean isServed(Path socket) {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the kernel lets nobody else, apart from root, reach what is in this directory. */
    private static boolean isPrivate(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        return Files.getOwner(directory).equals(Files.getOwner(Path.of("/proc/self")))
                && EnumSet.range(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_EXECUTE).stream()
                        .noneMatch(permissions::contains);
    }

    /** Whether the process at the other end belongs to the user who owns the socket: nobody else is served. */
    private static boolean isOurs(NioDomainSocketChannel channel, UserPrincipal owner) throws IOException {
        UserPrincipal peer = channel.config()
                .getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED))
                .user();
        boolean ours = peer.equals(owner);
        if (!ours) {
            log.warn("a process of user {} was refused", peer.getName());
        }
        return ours;
    }

    @Override
    public void close() {
        listener.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            log.debug("cannot remove {}: {}", socket, e.toString());
        }
    }
}
