package dev.jdist.client.cache.direct;

import dev.jdist.client.cache.direct.ManifestEntry.DependencyFile;
import dev.jdist.client.cache.direct.ManifestEntry.ReadFile;
import dev.jdist.client.cache.direct.ManifestEntry.SearchedDirectory;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileStat;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The variants of one request, newest first.
 *
 * <p>On disk: all paths and names once, by their number from then on, as variants of one request share nearly all of them.
 * Numbers are 32 bit, big endian; a text is its length and its bytes in UTF-8.
 */
public record Manifest(List<ManifestEntry> variants) {
    /** What a request comes back to: a few branches and a few ways of building. */
    static final int MAX_VARIANTS = 12;

    private static final int MAX_COUNT = 1 << 22;

    public static final Manifest EMPTY = new Manifest(List.of());

    public Manifest {
        variants = List.copyOf(variants);
    }

    /** With one more in front; the oldest goes if there are too many. */
    public Manifest plus(ManifestEntry variant) {
        List<ManifestEntry> all = new ArrayList<>();
        all.add(variant);
        for (ManifestEntry old : variants) {
            boolean replaced = old.files().equals(variant.files())
                    && old.hasTargetOf(variant)
                    && old.directories().size() == variant.directories().size();
            if (!replaced && all.size() < MAX_VARIANTS) {
                all.add(old);
            }
        }
        return new Manifest(all);
    }

    public byte[] encode() {
        Texts texts = new Texts();
        int size = 4;
        for (ManifestEntry variant : variants) {
            size += 64
                    + variant.dependencies().map(file -> file.content().length).orElse(0);
            for (ReadFile file : variant.files()) {
                texts.add(file.path().toString());
                size += 4 + Digest.BYTES;
            }
            for (SearchedDirectory directory : variant.directories()) {
                texts.add(directory.path().toString());
                directory.present().forEach(texts::add);
                directory.absent().forEach(texts::add);
                size += 20
                        + FileStat.BYTES
                        + 4 * (directory.present().size() + directory.absent().size());
            }
        }
        ByteBuffer out = ByteBuffer.allocate(size + texts.size());
        texts.write(out);
        out.putInt(variants.size());
        variants.forEach(variant -> write(variant, texts, out));
        return java.util.Arrays.copyOf(out.array(), out.position());
    }

    private static void write(ManifestEntry variant, Texts texts, ByteBuffer out) {
        out.putInt(variant.files().size());
        for (ReadFile file : variant.files()) {
            out.putInt(texts.number(file.path().toString()));
            file.digest().write(out);
        }
        out.putInt(variant.directories().size());
        for (SearchedDirectory directory : variant.directories()) {
            out.putInt(texts.number(directory.path().toString()));
            out.put((byte) (directory.stamp().isPresent() ? 1 : 0));
            directory.stamp().ifPresent(stamp -> stamp.write(out));
            out.putInt(directory.sameAs());
            writeNames(directory.present(), texts, out);
            writeNames(directory.absent(), texts, out);
        }
        variant.result().write(out);
        out.putInt(variant.dependencies().map(file -> file.content().length).orElse(-1));
        variant.dependencies().ifPresent(file -> out.put(file.content()));
    }

    private static void writeNames(List<String> names, Texts texts, ByteBuffer out) {
        out.putInt(names.size());
        names.forEach(name -> out.putInt(texts.number(name)));
    }

    /** @return nothing if these bytes are no manifest */
    public static Optional<Manifest> decode(byte[] bytes) {
        try {
            Reader reader = new Reader(ByteBuffer.wrap(bytes));
            List<ManifestEntry> variants = new ArrayList<>();
            for (int i = reader.count(MAX_VARIANTS); i > 0; i--) {
                variants.add(reader.variant());
            }
            return Optional.of(new Manifest(variants));
        } catch (BufferUnderflowException | IndexOutOfBoundsException | InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Every text once. */
    private static final class Texts {
        private final Map<String, Integer> numbers = new LinkedHashMap<>();
        private int bytes = 4;

        void add(String text) {
            if (numbers.putIfAbsent(text, numbers.size()) == null) {
                bytes += 4 + 4 * text.length();
            }
        }

        int number(String text) {
            return Objects.requireNonNull(numbers.get(text), text);
        }

        int size() {
            return bytes;
        }

        void write(ByteBuffer out) {
            out.putInt(numbers.size());
            for (String text : numbers.keySet()) {
                byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
                out.putInt(encoded.length).put(encoded);
            }
        }
    }

    /** Reads what {@link #encode} wrote; any exception of a buffer or a list means that something else did. */
    private static final class Reader {
        private final ByteBuffer in;
        private final List<String> texts = new ArrayList<>();
        private final Map<String, Path> paths = new HashMap<>();

        Reader(ByteBuffer in) {
            this.in = in;
            for (int i = count(MAX_COUNT); i > 0; i--) {
                byte[] text = new byte[count(in.remaining())];
                in.get(text);
                texts.add(new String(text, StandardCharsets.UTF_8));
            }
        }

        /** A number of things to come, each of which takes at least a byte. */
        int count(int max) {
            int count = in.getInt();
            if (count < 0 || count > max || count > in.remaining()) {
                throw new IndexOutOfBoundsException(count);
            }
            return count;
        }

        private String text() {
            return texts.get(in.getInt());
        }

        private Path path() {
            return paths.computeIfAbsent(text(), Path::of);
        }

        ManifestEntry variant() {
            List<ReadFile> files = new ArrayList<>();
            for (int i = count(MAX_COUNT); i > 0; i--) {
                files.add(new ReadFile(path(), Digest.read(in)));
            }
            List<SearchedDirectory> directories = new ArrayList<>();
            for (int i = count(MAX_COUNT); i > 0; i--) {
                Path path = path();
                Optional<FileStat> stamp = in.get() == 1 ? Optional.of(FileStat.read(in)) : Optional.empty();
                directories.add(new SearchedDirectory(path, stamp, in.getInt(), names(), names()));
            }
            Digest result = Digest.read(in);
            int length = in.getInt();
            if (length < 0) {
                return new ManifestEntry(files, directories, result, Optional.empty());
            }
            if (length > in.remaining()) {
                throw new BufferUnderflowException();
            }
            byte[] dependencies = new byte[length];
            in.get(dependencies);
            return new ManifestEntry(files, directories, result, Optional.of(new DependencyFile(dependencies)));
        }

        private List<String> names() {
            List<String> names = new ArrayList<>();
            for (int i = count(MAX_COUNT); i > 0; i--) {
                names.add(text());
            }
            return names;
        }
    }
}
