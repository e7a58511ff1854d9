package dev.jdist.scheduler.auth;

import dev.jdist.protocol.config.ConfigException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens that are good now, as the file says.
 *
 * <p>A thread of its own sleeps until the directory changes, and looks at the file now and then as well, for file systems
 * that tell of no changes. A file that cannot be used leaves things as they were. Whoever asks for {@link #list()} never
 * waits for a file.
 */
public final class LiveTokens implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LiveTokens.class);
    private static final long LOOK_EVERY_SECONDS = 2;
    /** So long before a token expires, the log says so. */
    private static final Duration SOON = Duration.ofDays(1);

    private final TokenFile file;
    private final Consumer<TokenList> changed;
    private final InstantSource clock;
    /** What the file says, expired tokens among it. */
    private volatile TokenList list;

    // Of the thread, once it runs.
    private Map<String, Object> seen;
    private String complaint = "";
    private TokenList good;
    private final Set<String> warned = new HashSet<>();

    private @Nullable Thread thread;

    /**
     * @param changed hears of each new list, after it has become {@link #list()}
     * @throws ConfigException if the file is there and cannot be used
     */
    public LiveTokens(TokenFile file, Consumer<TokenList> changed) throws ConfigException {
        this(file, changed, InstantSource.system());
    }

    LiveTokens(TokenFile file, Consumer<TokenList> changed, InstantSource clock) throws ConfigException {
        this.file = file;
        this.changed = changed;
        this.clock = clock;
        this.seen = stamp();
        this.list = file.read();
        this.good = list();
        if (seen.isEmpty()) {
            log.info("{} does not exist yet; jdist token new makes it", file.path());
        } else {
            log.info("{}: {} tokens", file.path(), list.tokens().size());
        }
    }

    /** Those that are good now. */
    TokenList list() {
        return list.at(clock.instant());
    }

    /** The token that somebody shows, if it was good until it expired. */
    Optional<NamedToken> expired(String shown) {
        return list.match(shown).filter(token -> token.hasExpired(clock.instant()));
    }

    /** Begins to follow the file. */
    public void follow() {
        Thread watching = new Thread(this::watch, "tokens");
        watching.setDaemon(true);
        watching.start();
        thread = watching;
    }

    private void watch() {
        try (WatchService watcher = FileSystems.getDefault().newWatchService()) {
            Path directory =
                    Objects.requireNonNull(file.path().toAbsolutePath().getParent(), "a file is in a directory");
            try {
                directory.register(watcher, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            } catch (IOException e) {
                log.info("{} is checked every {} s: {}", directory, LOOK_EVERY_SECONDS, e.toString());
            }
            while (true) {
                look();
                WatchKey key = watcher.poll(LOOK_EVERY_SECONDS, TimeUnit.SECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        } catch (IOException e) {
            log.error("changes of {} are no longer noticed; restart the scheduler: {}", file.path(), e.toString());
        }
    }

    /** Reads the file again if it has changed, and sees which tokens have expired. */
    void look() {
        readAgain();
        TokenList now = list();
        List<String> expired = list.tokens().stream()
                .filter(token ->
                        token.hasExpired(clock.instant()) && good.tokens().contains(token))
                .map(NamedToken::name)
                .toList();
        good = now;
        if (!expired.isEmpty()) {
            log.info("expired: {}; jdist token new --replace makes new ones", expired);
            changed.accept(now);
        }
        Instant soon = clock.instant().plus(SOON);
        for (NamedToken token : now.tokens()) {
            if (token.hasExpired(soon) && warned.add(token.name() + token.expires())) {
                log.warn(
                        "the token \"{}\" expires at {}; jdist token new --replace makes another",
                        token.name(),
                        token.expires().orElseThrow());
            }
        }
    }

    private void readAgain() {
        Map<String, Object> now = stamp();
        if (now.equals(seen)) {
            return;
        }
        seen = now;
        if (now.isEmpty()) {
            complain(file.path() + ": is gone");
            return;
        }
        TokenList fresh;
        try {
            fresh = file.read();
        } catch (ConfigException e) {
            complain(e.getMessage());
            return;
        }
        TokenList before = list;
        list = fresh;
        complaint = "";
        log.info(
                "{} was read again: {} tokens, new: {}, revoked: {}",
                file.path(),
                fresh.tokens().size(),
                fresh.namesNotIn(before),
                before.namesNotIn(fresh));
        changed.accept(list());
    }

    private void complain(String about) {
        if (!about.equals(complaint)) {
            complaint = about;
            log.error("{}; the tokens from before stay valid until the file is corrected", about);
        }
    }

    /** What tells one state of the file from another without reading it; empty if there is none. */
    private Map<String, Object> stamp() {
        try {
            return Files.readAttributes(file.path(), "unix:ctime,size,ino");
        } catch (IOException e) {
            return Map.of();
        }
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
