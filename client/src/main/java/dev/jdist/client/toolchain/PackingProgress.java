package dev.jdist.client.toolchain;

/** Is told how far the packing of a toolchain has come, some times a second. */
@FunctionalInterface
public interface PackingProgress {
    PackingProgress UNSEEN = (files, filesTotal, bytes, bytesTotal) -> {};

    void packed(int files, int filesTotal, long bytes, long bytesTotal);
}
