package dev.jdist.client.testing;

import dev.jdist.client.cache.storage.EntryName;
import dev.jdist.client.cache.storage.Storage;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** A storage in memory that answers as a test says. */
public final class FakeStorage implements Storage {
    /** How a storage answers. */
    public enum Answers {
        /** Before the method returns. */
        AT_ONCE,
        /** On a thread of its own, as soon as that runs. */
        LATER,
        /** With a failure. */
        WITH_FAILURE,
        /** Never. */
        NEVER
    }

    /** What is stored; a test may put in what it likes. */
    public final Map<EntryName, byte[]> entries = new ConcurrentHashMap<>();

    public final Map<EntryName, AtomicInteger> touches = new ConcurrentHashMap<>();
    /** Futures that a test may complete, of what is never answered otherwise. */
    public final Map<EntryName, CompletableFuture<?>> unanswered = new ConcurrentHashMap<>();

    public volatile Answers reads = Answers.AT_ONCE;
    public volatile Answers writes = Answers.AT_ONCE;
    private final Queue<CompletableFuture<?>> underWay = new ConcurrentLinkedQueue<>();
    private final boolean writable;

    public FakeStorage(boolean writable) {
        this.writable = writable;
    }

    @Override
    public String location() {
        return "Memory";
    }

    @Override
    public OptionalLong size() {
        return OptionalLong.empty();
    }

    @Override
    public OptionalLong limit() {
        return OptionalLong.empty();
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    private <T> CompletableFuture<T> answer(Answers how, EntryName name, Supplier<T> answer) {
        return switch (how) {
            case AT_ONCE -> CompletableFuture.completedFuture(answer.get());
            case LATER -> {
                CompletableFuture<T> later =
                        CompletableFuture.supplyAsync(answer, task -> new Thread(task, "late storage").start());
                underWay.add(later);
                yield later;
            }
            case WITH_FAILURE -> CompletableFuture.failedFuture(new IOException("the storage is out of order"));
            case NEVER -> {
                CompletableFuture<T> never = new CompletableFuture<>();
                unanswered.put(name, never);
                yield never;
            }
        };
    }

    @Override
    public CompletableFuture<Optional<byte[]>> read(EntryName name) {
        return answer(reads, name, () -> Optional.ofNullable(entries.get(name)).map(byte[]::clone));
    }

    @Override
    public CompletableFuture<Optional<Duration>> write(EntryName name, byte[] bytes) {
        return answer(writes, name, () -> {
            entries.put(name, bytes.clone());
            return Optional.of(Duration.ofMillis(1));
        });
    }

    @Override
    public void touch(EntryName name) {
        touches.computeIfAbsent(name, first -> new AtomicInteger()).incrementAndGet();
    }

    @Override
    public void remove(EntryName name) {
        entries.remove(name);
    }

    @Override
    public CompletableFuture<Long> removeIf(int length, Predicate<byte[]> unwanted) {
        long before = entries.size();
        entries.entrySet()
                .removeIf(entry -> entry.getKey().kind() == EntryName.Kind.RESULT
                        && unwanted.test(Arrays.copyOfRange(
                                entry.getValue(),
                                Math.max(0, entry.getValue().length - length),
                                entry.getValue().length)));
        return CompletableFuture.completedFuture(before - entries.size());
    }

    @Override
    public void close() {
        underWay.forEach(CompletableFuture::join);
        underWay.clear();
    }
}
