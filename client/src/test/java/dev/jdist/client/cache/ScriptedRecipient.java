package dev.jdist.client.cache;

import dev.jdist.client.cache.CompileCache.Hit;
import dev.jdist.client.cache.CompileCache.Recipient;
import dev.jdist.client.files.FileFingerprints;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** A recipient for whom all files have changed, or none. It remembers what it was offered. */
public final class ScriptedRecipient implements Recipient {
    final List<Hit> offered = new ArrayList<>();

    private final boolean doubting;
    private FileFingerprints compared = FileFingerprints.NONE;

    private ScriptedRecipient(boolean doubting) {
        this.doubting = doubting;
    }

    static ScriptedRecipient doubting() {
        return new ScriptedRecipient(true);
    }

    public static ScriptedRecipient trusting() {
        return new ScriptedRecipient(false);
    }

    @Override
    public void compare(FileFingerprints files) {
        compared = files;
    }

    @Override
    public BitSet offer(Hit hit) {
        offered.add(hit);
        return doubting ? compared.all() : new BitSet();
    }
}
