package dev.jdist.client.daemon;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.compile.CompileTask;
import dev.jdist.client.compile.UnitCacheSession;
import dev.jdist.client.compile.UnitCompilation;
import dev.jdist.client.compiler.CommandLineParser;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.execution.Distribution;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.identity.CompilerRegistry;
import dev.jdist.client.identity.CompilerRegistry.Identified;
import dev.jdist.client.identity.CompilerWrappers;
import dev.jdist.client.inputs.SearchPaths;
import dev.jdist.client.launcher.Launcher;
import dev.jdist.client.stats.Statistics;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what becomes of a compiler's command line. Runs on the request's own thread. */
public final class CompileService {
    private static final Logger log = LoggerFactory.getLogger(CompileService.class);
    private static final Bytes NOT_LOGGED_IN =
            Bytes.utf8("jdist: warning: nobody has logged in to the farm, so everything is compiled here;"
                    + " run jdist --dist-auth\n");

    private final CompilerWrappers wrappers = new CompilerWrappers();
    private final CompilerRegistry compilers;
    private final Optional<CacheService> cache;
    private final Optional<Distribution> distribution;
    private final LocalSlots slots;
    private final Scratch scratch;
    private final SearchPaths searchPaths;
    private final Statistics statistics;

    /** Whether somebody has been told: once is enough. */
    private final AtomicBoolean loginMissed = new AtomicBoolean();

    CompileService(
            CompilerRegistry compilers,
            Optional<CacheService> cache,
            Optional<Distribution> distribution,
            LocalSlots slots,
            Scratch scratch,
            Statistics statistics) {
        this.compilers = compilers;
        this.cache = cache;
        this.distribution = distribution;
        this.slots = slots;
        this.scratch = scratch;
        this.searchPaths = new SearchPaths(scratch);
        this.statistics = statistics;
    }

    /** Serves a launcher whose request was a hit before, word for word, and is one again; false if it still waits. */
    boolean serveAgain(Launcher launcher, Digest id) {
        try {
            return cache.isPresent() && cache.get().serveAgain(launcher, id);
        } catch (RuntimeException e) {
            log.warn("what is known of a request is of no use", e);
            return false;
        }
    }

    /** Serves one launcher to the end. Whatever goes wrong, the launcher is told to become the compiler. */
    void serve(Launcher launcher, CallerRequest request) {
        try {
            statistics.requested();
            CallerRequest seen = wrappers.seeThrough(request);
            Optional<Identified> compiler = compilers.identify(seen, launcher);
            if (compiler.isPresent()) {
                serve(launcher, seen, compiler.get());
            } else {
                statistics.unsupportedCompiler();
                launcher.become();
            }
        } catch (CallerGoneException e) {
            log.debug("{}: {}", request.executable(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            launcher.become();
        } catch (IOException | RuntimeException e) {
            log.warn("{} {} is left to the compiler", request.executable(), request.options(), e);
            launcher.become();
        }
    }

    private void serve(Launcher launcher, CallerRequest request, Identified identified)
            throws CallerGoneException, InterruptedException {
        Compiler compiler = identified.compiler();
        ParsedCommand parsed =
                CommandLineParser.parse(compiler, request.options(), request.cwd(), request.environment());
        if (parsed instanceof ParsedCommand.NotCompilation) {
            statistics.notCompilation();
            launcher.become();
        } else if (parsed instanceof ParsedCommand.CannotCache refused) {
            statistics.notCacheable(refused.reason());
            launcher.become();
        } else if (parsed instanceof ParsedCommand.Compile
                && !compiler.configuration().arePlain()) {
            statistics.notCacheable("compiler configuration file");
            launcher.become();
        } else if (parsed instanceof ParsedCommand.Compile compile) {
            compile(launcher, request, identified, compile);
        }
    }

    private void compile(Launcher launcher, CallerRequest request, Identified identified, ParsedCommand.Compile compile)
            throws CallerGoneException, InterruptedException {
        Compiler compiler = identified.compiler();
        CompileTask what = new CompileTask(launcher, request, compiler, compile.unit(), identified.stamps());
        if (compile.untracked().isPresent()) {
            statistics.notCacheable(compile.untracked().get());
            compilation(what, Optional.empty()).compileUncached();
            return;
        }
        statistics.executed();
        compile.localOnly()
                .ifPresent(reason ->
                        log.debug("{} stays here because of {}", compile.unit().input(), reason));
        Optional<Distribution> usable = distribution.filter(
                farm -> compile.localOnly().isEmpty() && !farm.toolchains().isExcluded(compiler));
        if (usable.isPresent() && !usable.get().farm().isLoggedIn()) {
            what = what.with(loginMissed.getAndSet(true) ? launcher : new NotifyingLauncher(launcher, NOT_LOGGED_IN));
            usable = Optional.empty();
        }
        CompileTask asked = what;
        compilation(asked, cache.flatMap(service -> service.of(asked))).compile(usable);
    }

    private UnitCompilation compilation(CompileTask what, Optional<UnitCacheSession> unitCache) {
        return new UnitCompilation(what, slots, scratch, searchPaths, statistics, unitCache);
    }
}
