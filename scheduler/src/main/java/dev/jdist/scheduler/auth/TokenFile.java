package dev.jdist.scheduler.auth;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The file that {@code [jdist] tokens} names: TOML, with a table for each token.
 *
 * <p>It is replaced as a whole, so that a scheduler finds the old one or the new one in it. Who changes it holds a lock on
 * a file beside it from before reading until after writing, so that no change is lost. It is nobody's but its owner's;
 * as that may have to be the scheduler's user while root changes it, owner and group are kept, and a new file has those of the
 * scheduler's settings.
 */
public final class TokenFile {
    /** Tells a file that is being written, or was cut off, from one with few tokens. */
    private static final long VERSION = 1;

    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final String HEAD = """
            # The tokens of this farm, by name, and of each the digest alone. `jdist token` changes this file; a running scheduler
            # reads it again by itself.
            version = %d
            """.formatted(VERSION);

    private final Path file;

    public TokenFile(Path file) {
        this.file = file;
    }

    /** How a list becomes another one. */
    @FunctionalInterface
    public interface Change {
        /** @throws StartupException if it cannot be made; nothing is written then */
        TokenList of(TokenList before) throws StartupException;
    }

    public Path path() {
        return file;
    }

    boolean exists() {
        return Files.exists(file);
    }

    /**
     * What the file says now; no tokens if there is none.
     *
     * @throws ConfigException if it cannot be read, or is damaged
     */
    public TokenList read() throws ConfigException {
        if (Files.notExists(file)) {
            return TokenList.EMPTY;
        }
        try {
            if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new ConfigException(file + ": every user may write to it and so make tokens; chmod 600 " + file);
            }
        } catch (NoSuchFileException e) {
            return TokenList.EMPTY;
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + reason(e), e);
        }
        return parse(ConfigTable.read(file));
    }

    static TokenList parse(ConfigTable root) throws ConfigException {
        if (root.number("version").orElse(-1L) != VERSION) {
            throw root.problem("version", "must be " + VERSION + ": the file of tokens is incomplete");
        }
        List<NamedToken> tokens = new ArrayList<>();
        for (ConfigTable table : root.tables("tokens")) {
            tokens.add(token(table));
        }
        root.rejectUnknownKeys();
        try {
            return new TokenList(tokens);
        } catch (IllegalArgumentException e) {
            throw root.problem("tokens", "is wrong: " + e.getMessage());
        }
    }

    private static NamedToken token(ConfigTable table) throws ConfigException {
        String name = table.requiredText("name");
        NamedToken.Kind kind = table.choice("kind", "client", "builder").equals("client")
                ? NamedToken.Kind.CLIENT
                : NamedToken.Kind.BUILDER;
        NamedToken token;
        try {
            token = new NamedToken(name, kind, table.address("address"), made(table), expires(table), digest(table));
        } catch (IllegalArgumentException e) {
            throw table.problem("name", "= \"" + name + "\": " + e.getMessage());
        }
        table.rejectUnknownKeys();
        return token;
    }

    private static Instant made(ConfigTable table) throws ConfigException {
        return time(table, "made", table.requiredText("made"));
    }

    private static Optional<Instant> expires(ConfigTable table) throws ConfigException {
        Optional<String> text = table.text("expires");
        return text.isEmpty() ? Optional.empty() : Optional.of(time(table, "expires", text.get()));
    }

    private static Instant time(ConfigTable table, String key, String text) throws ConfigException {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw table.problem(key, "must be a time such as \"2026-01-31T18:00:00Z\"");
        }
    }

    private static Bytes digest(ConfigTable table) throws ConfigException {
        try {
            byte[] bytes = HexFormat.of().parseHex(table.requiredText("sha256"));
            if (bytes.length == NamedToken.DIGEST_BYTES) {
                return Bytes.wrap(bytes);
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the same advice.
        }
        throw table.problem("sha256", "must have " + 2 * NamedToken.DIGEST_BYTES + " hexadecimal digits");
    }

    /**
     * Changes the list. A scheduler that runs goes by the new one from now on.
     *
     * @param settings whose owner and group a file that is not there yet gets
     * @throws StartupException if {@code change} says so
     */
    public void change(Path settings, Change change) throws ConfigException, StartupException, IOException {
        // A link stays what it is, and what it leads to is replaced.
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        try (FileChannel lock = lock(target.resolveSibling("." + target.getFileName() + ".lock"))) {
            lock.lock();
            String text = write(change.of(read()));
            if (text.length() > ConfigTable.MAX_FILE_BYTES) {
                throw new StartupException(file + " would be larger than 1 MiB; revoke unused tokens");
            }
            replace(target, text, Files.exists(target) ? target : settings);
        } catch (AccessDeniedException e) {
            throw new StartupException(target.getParent()
                    + " cannot be written to: permission denied; call this as root (sudo), or as the owner");
        } catch (NoSuchFileException e) {
            throw new StartupException(target.getParent() + " does not exist: mkdir " + target.getParent()
                    + ", or correct jdist.tokens in " + settings);
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        return FileChannel.open(
                path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS), PRIVATE);
    }

    private static void replace(Path target, String text, Path model) throws IOException {
        Path fresh = target.resolveSibling("." + target.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try {
            try (FileChannel out =
                    FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                giveTo(fresh, model);
                out.force(true);
            }
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Whoever may read {@code model}, and it is not everybody, may read {@code fresh}. */
    private static void giveTo(Path fresh, Path model) throws IOException {
        PosixFileAttributes like = Files.readAttributes(model, PosixFileAttributes.class);
        // Should the directory be somebody else's, who puts a link there, it is that link which changes hands.
        PosixFileAttributeView view =
                Files.getFileAttributeView(fresh, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        PosixFileAttributes own = view.readAttributes();
        if (!own.owner().equals(like.owner())) {
            view.setOwner(like.owner());
        }
        boolean groupReads = like.permissions().contains(PosixFilePermission.GROUP_READ)
                && !like.permissions().contains(PosixFilePermission.OTHERS_READ);
        if (groupReads) {
            if (!own.group().equals(like.group())) {
                view.setGroup(like.group());
            }
            Set<PosixFilePermission> permissions = EnumSet.copyOf(own.permissions());
            permissions.add(PosixFilePermission.GROUP_READ);
            view.setPermissions(permissions);
        }
    }

    static String write(TokenList list) {
        StringBuilder text = new StringBuilder(HEAD);
        for (NamedToken token : list.tokens()) {
            // Nothing in these strings needs an escape.
            text.append("\n[[tokens]]\n");
            text.append("name = \"").append(token.name()).append("\"\n");
            text.append("kind = \"").append(token.kind()).append("\"\n");
            token.address()
                    .ifPresent(address ->
                            text.append("address = \"").append(address).append("\"\n"));
            text.append("made = \"").append(token.made()).append("\"\n");
            token.expires()
                    .ifPresent(end -> text.append("expires = \"").append(end).append("\"\n"));
            text.append("sha256 = \"").append(token.digest().toHex()).append("\"\n");
        }
        return text.toString();
    }

    private static String reason(IOException e) {
        return e instanceof AccessDeniedException ? "permission denied" : e.toString();
    }
}
