package dev.jdist.client.cache;

import dev.jdist.client.cache.direct.Manifest;
import dev.jdist.client.cache.direct.ManifestEntry;
import dev.jdist.client.cache.direct.ManifestEntry.ReadFile;
import dev.jdist.client.cache.direct.ManifestEntry.SearchedDirectory;
import dev.jdist.client.cache.storage.DiskStore;
import dev.jdist.client.cache.storage.EntryFrame;
import dev.jdist.client.cache.storage.EntryFrame.DamagedException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The manifests of a cache for people to read: by which files and directories a compile will be recognised. */
public final class ManifestListing {
    private static final String RULE = "=========================";

    private final EntryFrame frame;
    private final PrintStream out;

    private ManifestListing(EntryFrame frame, PrintStream out) {
        this.frame = frame;
        this.out = out;
    }

    /**
     * Prints them all.
     *
     * @param directory of the cache; that there is none means that there are no manifests
     */
    public static void print(Path directory, PrintStream out) throws IOException {
        try (EntryFrame frame = new EntryFrame()) {
            ManifestListing listing = new ManifestListing(frame, out);
            for (Path file : DiskStore.manifestsIn(directory)) {
                listing.print(file);
            }
        }
    }

    private Optional<byte[]> contentOf(Path file) throws IOException {
        try {
            return Optional.of(frame.decode(Files.readAllBytes(file)));
        } catch (NoSuchFileException | DamagedException e) {
            return Optional.empty();
        }
    }

    private void print(Path file) throws IOException {
        out.println(RULE);
        out.println("Showing preprocessor entry file " + file);
        List<ManifestEntry> variants =
                contentOf(file).flatMap(Manifest::decode).orElse(Manifest.EMPTY).variants();
        if (variants.isEmpty()) {
            out.println("damaged, or gone");
        }
        for (int i = 0; i < variants.size(); i++) {
            out.printf("entry %d of %d, newest first%n", i + 1, variants.size());
            print(variants.get(i));
        }
        out.println(RULE);
    }

    private void print(ManifestEntry variant) {
        out.println("  leads to the result " + variant.result());
        variant.dependencies()
                .ifPresent(file -> out.println("  and a dependency file of " + file.content().length + " bytes"));
        for (ReadFile file : variant.files()) {
            out.println("  if the file " + file.path() + " has the BLAKE3 digest " + file.digest());
        }
        for (SearchedDirectory directory : variant.directories()) {
            out.println("  if the directory " + directory.path());
            directory.present().forEach(name -> out.println("    has " + name));
            directory.absent().forEach(name -> out.println("    has no " + name));
        }
    }
}
