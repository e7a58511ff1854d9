package dev.jdist.scheduler.tls;

import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.http.Tls;
import dev.jdist.protocol.settings.ExposedSecrets;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * With what the scheduler shows who it is.
 *
 * <p>A key that the scheduler made is never replaced by another one: that would change the pin, which all clients and builders
 * have in their settings. Its certificate is, when its end is near or the address is another one. A file that is damaged is an
 * error for the same reason.
 *
 * @param source the file that people know, for messages
 * @param chain the scheduler's certificate, and those that link it with an authority
 */
public record SchedulerIdentity(Path source, PrivateKey key, List<X509Certificate> chain) {
    public SchedulerIdentity {
        chain = List.copyOf(chain);
    }

    /**
     * What the settings ask for; a key is made if the scheduler is to have one of its own and has none yet.
     *
     * @return nothing if the scheduler is to speak plain http
     * @throws StartupException if a file cannot be used; the message names it and says what to do
     */
    public static Optional<SchedulerIdentity> open(SchedulerConfig config, Clock clock) throws StartupException {
        if (config.tls() instanceof SchedulerConfig.Tls.SelfSigned own) {
            return Optional.of(openOwn(own.identity(), config.publicAddr(), clock.instant()));
        }
        return existing(config, clock);
    }

    /**
     * As {@link #open}, and changes no file.
     *
     * @return nothing also if the scheduler has made no key yet
     */
    public static Optional<SchedulerIdentity> existing(SchedulerConfig config, Clock clock) throws StartupException {
        if (config.tls() instanceof SchedulerConfig.Tls.SelfSigned own) {
            return loadOwn(own.identity()).map(identity -> of(own.identity(), identity));
        } else if (config.tls() instanceof SchedulerConfig.Tls.Files files) {
            return Optional.of(PemFiles.read(files.certificate(), files.key(), clock.instant()));
        }
        return Optional.empty();
    }

    private static SchedulerIdentity openOwn(Path file, ServerId address, Instant now) throws StartupException {
        Optional<ServerIdentity> kept = loadOwn(file);
        if (kept.isPresent() && kept.get().isGoodFor(address, now)) {
            return of(file, kept.get());
        }
        ServerIdentity fresh =
                kept.isPresent() ? kept.get().renewed(address, now) : ServerIdentity.create(address, now);
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null && !Files.isDirectory(directory)) {
                Files.createDirectory(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            fresh.store(file);
        } catch (IOException e) {
            throw new StartupException(
                    "the scheduler's key for https cannot be kept in " + file + " (" + reason(e)
                            + "); let [jdist] tls_identity be a file in a directory to which the scheduler's user ("
                            + System.getProperty("user.name") + ") may write",
                    e);
        }
        return of(file, fresh);
    }

    private static Optional<ServerIdentity> loadOwn(Path file) throws StartupException {
        Optional<ServerIdentity> identity;
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            mustBePrivate(file);
            identity = ServerIdentity.load(file).filter(ServerIdentity::keyFitsCertificate);
        } catch (IOException e) {
            throw unreadable("tls_identity", file, e);
        }
        if (identity.isEmpty()) {
            throw new StartupException("[jdist] tls_identity: " + file
                    + " is damaged; restore it, or remove it and restart the scheduler, which then makes a new key:"
                    + " clients and builders need its pin");
        }
        return identity;
    }

    private static SchedulerIdentity of(Path file, ServerIdentity identity) {
        return new SchedulerIdentity(file, identity.privateKey(), List.of(identity.certificate()));
    }

    /** @throws StartupException if users can read the file who must not */
    static void mustBePrivate(Path file) throws IOException, StartupException {
        if (ExposedSecrets.isReadByOthers(file)) {
            throw new StartupException("every user of this machine can read the private key in " + file + " (mode "
                    + PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
                    + "), and speak for the scheduler; chmod 600 " + file + ", and replace the key if somebody may"
                    + " have read it");
        }
    }

    /** The complaint about the file that {@code key} of the table names. */
    static StartupException unreadable(String key, Path file, IOException cause) {
        return new StartupException("[jdist] " + key + ": " + file + " cannot be read: " + reason(cause), cause);
    }

    private static String reason(IOException cause) {
        if (cause instanceof NoSuchFileException missing) {
            return "there is no " + missing.getFile();
        } else if (cause instanceof AccessDeniedException denied) {
            return "the user " + System.getProperty("user.name") + " has no right to " + denied.getFile();
        }
        return Reason.of(cause);
    }

    /** What clients and builders write into their settings. */
    public CertificatePin pin() {
        return CertificatePin.of(certificate());
    }

    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** @throws StartupException if the TLS library cannot work with this key */
    public SslContext toServerContext() throws StartupException {
        try {
            return Tls.server(key, chain);
        } catch (SSLException | IllegalArgumentException e) {
            throw new StartupException(
                    source + ": TLS does not work with this certificate and key: " + Reason.of(e)
                            + "; take keys of the kind RSA, or EC with P-256",
                    e);
        }
    }

    @Override
    public String toString() {
        return "certificate of " + certificate().getSubjectX500Principal().getName() + " in " + source;
    }
}
