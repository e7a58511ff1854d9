package dev.jdist.client.daemon;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.compile.CompilePipeline;
import dev.jdist.client.compile.StepResult;
import dev.jdist.client.compile.UnitCacheSession;
import dev.jdist.client.compile.UnitContext;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.execution.Distribution;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.identity.CompilerRegistry;
import dev.jdist.client.identity.CompilerRegistry.Identified;
import dev.jdist.client.identity.CompilerWrappers;
import dev.jdist.client.identity.SilentCompilerException;
import dev.jdist.client.launcher.Launcher;
import dev.jdist.client.outcome.Outcome;
import dev.jdist.client.outcome.Outcome.LeftToCompiler;
import dev.jdist.client.outcome.Outcome.Reason;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what becomes of a compiler's command line, and answers its launcher. Runs on the request's own thread. */
final class CompileService {
    private static final Logger log = LoggerFactory.getLogger(CompileService.class);
    private static final Bytes NOT_LOGGED_IN =
            Bytes.utf8("jdist: warning: nobody has logged in to the farm, so everything is compiled here;"
                    + " run jdist --dist-auth\n");

    private static final String SMALL_FILES = "caller has a limit on the size of files";
    private static final String SILENT = "compiler does not answer";

    private final CompilerWrappers wrappers;
    private final CompilerRegistry compilers;
    private final Optional<CacheService> cache;
    private final Optional<Distribution> distribution;
    private final CompilePipeline pipeline;
    private final Statistics statistics;

    /** Whether somebody has been told: once is enough. */
    private final AtomicBoolean loginMissed = new AtomicBoolean();

    CompileService(
            CompilerRegistry compilers,
            Optional<CacheService> cache,
            Optional<Distribution> distribution,
            CompilePipeline pipeline,
            Statistics statistics) {
        this.compilers = compilers;
        this.wrappers = new CompilerWrappers(compilers);
        this.cache = cache;
        this.distribution = distribution;
        this.pipeline = pipeline;
        this.statistics = statistics;
    }

    /** Has a launcher whose request was a hit before, byte for byte, compare files while its thread is being woken. Never blocks. */
    void prepare(Launcher launcher, Digest id) {
        cache.flatMap(service -> service.requests().conditions(id)).ifPresent(launcher::compare);
    }

    /** Serves a launcher whose request was a hit before, byte for byte, and is one again; false if it still waits. */
    boolean serveAgain(Launcher launcher, Digest id) {
        try {
            return cache.isPresent() && cache.get().requests().answer(id, new LauncherAnswer(launcher, statistics));
        } catch (RuntimeException e) {
            log.warn("what is known of a request is of no use", e);
            return false;
        }
    }

    /** Leaves a launcher to its compiler. @param reason as statistics show it */
    void refuse(Launcher launcher, String reason) {
        new LauncherAnswer(launcher, statistics).give(new LeftToCompiler(Reason.NOT_CACHEABLE, reason));
    }

    /** Serves one launcher to the end. Whatever goes wrong, the launcher is told to become the compiler. */
    void serve(Launcher launcher, CallerRequest request) {
        LauncherAnswer answer = new LauncherAnswer(launcher, statistics);
        answer.begin();
        try {
            StepResult result = compile(launcher, answer, request);
            answer.give(result.outcome());
            result.afterwards().run();
        } catch (CallerGoneException e) {
            log.debug("{}: {}", request.executable(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.give(new LeftToCompiler(Reason.INTERNAL_ERROR));
        } catch (SilentCompilerException e) {
            log.debug("{}: {}", request.executable(), e.getMessage()); // it has been a warning once
            answer.give(new LeftToCompiler(Reason.NOT_CACHEABLE, SILENT));
        } catch (IOException | RuntimeException e) {
            log.warn("{} {} is left to the compiler", request.executable(), request.options(), e);
            answer.give(new LeftToCompiler(Reason.INTERNAL_ERROR));
        }
    }

    private StepResult compile(Launcher launcher, LauncherAnswer answer, CallerRequest asked)
            throws IOException, CallerGoneException, InterruptedException {
        if (asked.limits() == CallerRequest.Limits.SMALL_FILES) {
            // It would hold for temporary files, too, which the compiler alone does not have.
            return left(Reason.NOT_CACHEABLE, SMALL_FILES);
        }
        CallerRequest request = wrappers.seeThrough(asked);
        Optional<Compiler> last = compilers.last(request);
        Optional<ParsedCommand> early = last.isPresent() ? Optional.of(parse(last.get(), request)) : Optional.empty();
        if (early.isPresent() && early.get() instanceof ParsedCommand.NotCompilation) {
            // A link, or a question for the version: as many as compiles, and nobody's but the compiler's, whatever
            // that is now.
            return left(Reason.NOT_COMPILATION, "");
        }
        Optional<Identified> identified = compilers.identify(request, launcher);
        if (identified.isEmpty()) {
            return left(Reason.UNSUPPORTED_COMPILER, "");
        }
        Compiler compiler = identified.get().compiler();
        ParsedCommand parsed = early.isPresent() && last.get() == compiler ? early.get() : parse(compiler, request);
        if (parsed instanceof ParsedCommand.CannotCache refused) {
            return left(Reason.NOT_CACHEABLE, refused.reason());
        } else if (!(parsed instanceof ParsedCommand.Compile compile)) {
            return left(Reason.NOT_COMPILATION, "");
        } else if (identified.get().isWrapper()) {
            return left(Reason.NOT_CACHEABLE, "compiler is called by a wrapper");
        } else if (!compiler.configuration().arePlain()) {
            return left(Reason.NOT_CACHEABLE, "compiler configuration file");
        } else {
            CompileTask task = new CompileTask(
                    launcher,
                    request,
                    compiler,
                    compile.unit(),
                    identified.get().stamps(),
                    FileStat.now());
            return compile(answer, task, compile);
        }
    }

    private static ParsedCommand parse(Compiler compiler, CallerRequest request) {
        return compiler.family().parse(compiler, request.options(), request.cwd(), request.environment());
    }

    private static StepResult left(Reason reason, String detail) {
        return StepResult.of(new LeftToCompiler(reason, detail));
    }

    private StepResult compile(LauncherAnswer answer, CompileTask task, ParsedCommand.Compile compile)
            throws CallerGoneException, InterruptedException {
        try {
            if (compile.untracked().isPresent()) {
                UnitContext unit = unit(answer, task, Optional.empty(), Optional.empty());
                return pipeline.compileUntracked(unit, compile.untracked().get());
            }
            compile.localOnly()
                    .ifPresent(reason -> log.debug(
                            "{} stays here because of {}", compile.unit().input(), reason));
            Optional<Distribution> usable = distribution
                    .filter(farm ->
                            compile.localOnly().isEmpty() && !farm.toolchains().isExcluded(task.compiler()))
                    .filter(farm -> isLoggedIn(farm, answer));
            StepResult result =
                    pipeline.compile(unit(answer, task, cache.flatMap(service -> service.of(task)), usable));
            if (distribution.isPresent() && result.outcome() instanceof Outcome.CompiledHere) {
                compile.localOnly().ifPresent(statistics::keptHere);
            }
            return result;
        } catch (CallerGoneException e) {
            answer.give(new Outcome.Abandoned());
            throw e;
        }
    }

    private static UnitContext unit(
            LauncherAnswer answer,
            CompileTask task,
            Optional<UnitCacheSession> session,
            Optional<Distribution> usable) {
        return new UnitContext(
                task, session, answer.recipient(task.places(), task.label(), FileFingerprints.NONE), usable);
    }

    private boolean isLoggedIn(Distribution farm, LauncherAnswer answer) {
        boolean loggedIn = farm.executor().isLoggedIn();
        if (!loggedIn && !loginMissed.getAndSet(true)) {
            answer.notify(NOT_LOGGED_IN);
        }
        return loggedIn;
    }
}
