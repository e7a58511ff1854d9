package dev.jdist.client.cache;

import dev.jdist.client.cache.CompileCache.Hit;
import dev.jdist.client.cache.CompileCache.Recipient;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** A recipient for whom all files have changed, or none. It remembers what it was offered. */
public final class ScriptedRecipient implements Recipient {
    final List<Hit> offered = new ArrayList<>();

    private final boolean doubting;
    private StampedFiles compared = StampedFiles.NONE;

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
    public void compare(StampedFiles files) {
        compared = files;
    }

    @Override
    public BitSet offer(Hit hit) {
        offered.add(hit);
        return doubting ? compared.all() : new BitSet();
    }
}
