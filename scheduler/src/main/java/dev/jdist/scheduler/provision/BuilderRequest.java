package dev.jdist.scheduler.provision;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the person who calls {@code jdist builder add} asks for.
 *
 * @param destination as ssh takes it: HOST or USER@HOST
 * @param archive the archive to unpack there; the one beside the running jdist if neither it nor packages are given
 * @param packages the Debian packages to install there, instead of an archive
 * @param address the builder's IP address; the one by which it reaches the scheduler if not given
 * @param schedulerUrl how the builder reaches the scheduler; by its public_addr if not given
 * @param tokenName of the builder's token
 * @param prefix where the archive is unpacked
 * @param withoutRoot whether to do without root even where sudo would work
 */
public record BuilderRequest(
        String destination,
        Optional<Path> archive,
        List<Path> packages,
        Optional<String> address,
        int port,
        Optional<String> schedulerUrl,
        String tokenName,
        Optional<String> prefix,
        boolean withoutRoot) {
    public static final int DEFAULT_PORT = 10501;

    /** What the scripts there can use without quotes. */
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9/._+-]*");

    /** @throws IllegalArgumentException with a message for the person, if it cannot be so */
    public BuilderRequest {
        packages = List.copyOf(packages);
        checkDestination(destination);
        checkPort(port);
        if (archive.isPresent() && !packages.isEmpty()) {
            throw new IllegalArgumentException("--archive and --package: one of the two");
        }
        if (address.isPresent() && addressWith(address.get(), port).isEmpty()) {
            throw new IllegalArgumentException("--address " + address.get() + " is not an IP address");
        }
        schedulerUrl.ifPresent(BuilderRequest::checkUrl);
        prefix.ifPresent(BuilderRequest::checkPrefix);
    }

    /** The name that a token gets if none is asked for: that of the host, and the port if it is not the usual one. */
    public static String tokenNameOf(String destination, int port) {
        String host = hostOf(destination).replaceAll("[^A-Za-z0-9._]", "-").replaceAll("^[^A-Za-z0-9]*", "");
        return port == DEFAULT_PORT ? host : host + "-" + port;
    }

    /** Without the user. */
    public static String hostOf(String destination) {
        return destination.substring(destination.indexOf('@') + 1);
    }

    /** @throws IllegalArgumentException if ssh would take it for an option, or for none */
    public static void checkDestination(String destination) {
        // A name that begins with a dash would be an option of ssh, such as one that runs a command here.
        if (destination.isBlank() || destination.startsWith("-")) {
            throw new IllegalArgumentException("\"" + destination + "\" is not a machine; write [USER@]HOST");
        }
    }

    public static void checkPort(int port) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("--port " + port + " is not a port");
        }
    }

    /** An address and a port, if the text is an IP address of either kind. */
    static Optional<ServerId> addressWith(String ip, int port) {
        try {
            return Optional.of(ServerId.parse((ip.contains(":") ? "[" + ip + "]" : ip) + ":" + port));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static void checkUrl(String url) {
        try {
            HttpUrl.parse(url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--scheduler-url " + e.getMessage(), e);
        }
    }

    private static void checkPrefix(String prefix) {
        if (!PATH.matcher(prefix).matches() || (prefix + "/").contains("/../") || prefix.endsWith("/")) {
            throw new IllegalArgumentException(
                    "--prefix " + prefix + " cannot be used as a path: it may have letters, digits and /._+- only");
        }
        if (!prefix.startsWith("/") || Path.of(prefix).normalize().getNameCount() < 2) {
            throw new IllegalArgumentException("--prefix " + prefix
                    + " has to begin with / and be more than a directory of the system, such as /opt/jdist");
        }
    }
}
