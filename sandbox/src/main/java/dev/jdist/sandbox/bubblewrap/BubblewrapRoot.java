package dev.jdist.sandbox.bubblewrap;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.sandbox.CommandKilledException;
import dev.jdist.sandbox.IsolatedRoot;
import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.SandboxResult;
import dev.jdist.sandbox.ViewResult;
import dev.jdist.sandbox.cgroup.JobCgroups;
import dev.jdist.sandbox.helper.ServeRequests;
import dev.jdist.sandbox.view.FileView;
import dev.jdist.sandbox.view.PathUse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A root in which bubblewrap runs the command: an overlay, or what does for one.
 *
 * <p>What is put in is first written into a directory of this root. Only when the command is there a sandbox is looked
 * for: if one waits that is made already, it is given the files, and its own directory becomes the root's; if there is
 * none, or it fails before the command begins, one is made over the directory with the files. Either way, the directory
 * has afterwards what is to be read.
 */
public final class BubblewrapRoot implements IsolatedRoot {
    private static final Logger log = LoggerFactory.getLogger(BubblewrapRoot.class);

    /** Bytes: to hand over more takes as long as to make a sandbox. */
    static final int MAX_HANDED_OVER = 8 << 20;

    private static final OpenOption[] READ_NO_LINK = {StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS};
    private static final OpenOption[] CREATE = {StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW};

    private final BubblewrapSandbox sandbox;
    private final Path lower;
    private JobDirectory directory;
    /** Of the files that were put in. */
    private long bytes;
    /** Of the last command; nothing if there was none. */
    private Optional<JobLimits> limitsOfLast = Optional.empty();

    private boolean ranPrepared;

    /** What {@link #kill()} may have to end, and whether it was called. */
    @GuardedBy("this")
    private @Nullable StartedSandbox running;

    @GuardedBy("this")
    private boolean killed;

    BubblewrapRoot(BubblewrapSandbox sandbox, Path lower, JobDirectory directory) {
        this.sandbox = sandbox;
        this.lower = lower;
        this.directory = directory;
    }

    @Override
    public void createDirectories(String path) throws IOException {
        directory.tree().createDirectories(path);
    }

    @Override
    public void writeFile(String path, boolean executable, InputStream content) throws IOException {
        Path file = directory.tree().prepareFile(path);
        try (OutputStream out = Files.newOutputStream(file, CREATE)) {
            bytes += content.transferTo(out);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        directory.tree().owner().own(file);
    }

    @Override
    public SandboxResult run(SandboxCommand command, JobLimits limits) throws IOException, InterruptedException {
        return run(command, limits, Optional.empty()).result();
    }

    @Override
    public ViewResult run(SandboxCommand command, JobLimits limits, FileView view)
            throws IOException, InterruptedException {
        Optional<String> why = sandbox.withoutViews();
        if (why.isPresent()) {
            throw new SandboxException("no command can run under a view: " + why.get());
        }
        return run(command, limits, Optional.of(view));
    }

    private ViewResult run(SandboxCommand command, JobLimits limits, Optional<FileView> view)
            throws IOException, InterruptedException {
        boolean isFirst = limitsOfLast.isEmpty();
        limitsOfLast = Optional.of(limits);
        if (isFirst && bytes <= MAX_HANDED_OVER) {
            Optional<StartedSandbox> prepared = sandbox.takePrepared(lower, limits);
            if (prepared.isPresent()) {
                Optional<ViewResult> result = runPrepared(prepared.get(), command, limits, view);
                if (result.isPresent()) {
                    return result.get();
                }
            }
        }
        return runOnTheSpot(command, limits, view);
    }

    /** Whether the command ran in a sandbox that had been waiting for it. */
    boolean ranPrepared() {
        return ranPrepared;
    }

    /** @return nothing if the command did not begin, for whatever reason: then nothing has changed */
    private Optional<ViewResult> runPrepared(
            StartedSandbox prepared, SandboxCommand command, JobLimits limits, Optional<FileView> view)
            throws IOException, InterruptedException {
        boolean hasBegun = false;
        try (prepared) {
            List<Path> content = directory.content();
            if (!prepared.takes(content)) {
                return Optional.empty();
            }
            Optional<ViewThread> shown;
            try {
                shown = await(prepared, limits, view, requests -> {
                    StartedSandbox.fill(requests, directory.upper(), content);
                    ask(requests, command, view);
                });
            } finally {
                hasBegun = prepared.hasBegun();
            }
            if (hasBegun) {
                SandboxResult result = prepared.result(limits, this::exceedsQuota);
                return Optional.of(new ViewResult(result, uses(shown)));
            }
            log.debug("a waiting sandbox could not be used: {}", prepared.complaint());
            return Optional.empty();
        } finally {
            if (hasBegun) {
                directory.remove();
                directory = prepared.rename(sandbox.nextDirectory());
                ranPrepared = true;
            } else {
                prepared.discard();
            }
        }
    }

    /** Runs a command in a sandbox that is made for it; no other is prepared for the next. */
    ViewResult runOnTheSpot(SandboxCommand command, JobLimits limits, Optional<FileView> view)
            throws IOException, InterruptedException {
        long number = JobCgroups.nextNumber();
        try (StartedSandbox started = StartedSandbox.start(sandbox, number, lower, directory, limits)) {
            Optional<ViewThread> shown = await(started, limits, view, requests -> ask(requests, command, view));
            SandboxResult result = started.result(limits, this::exceedsQuota);
            if (!started.hasBegun()) {
                throw new SandboxException(started.complaint());
            }
            return new ViewResult(result, uses(shown));
        }
    }

    private static void ask(ServeRequests requests, SandboxCommand command, Optional<FileView> view)
            throws IOException {
        if (view.isPresent()) {
            requests.showView();
        }
        requests.run(command, 0);
    }

    /** What is said to a sandbox that waits. */
    private interface Requests {
        void send(ServeRequests to) throws IOException;
    }

    /** Waits for the end of a sandbox's command and all that it started, and sees to it that it comes. */
    private Optional<ViewThread> await(
            StartedSandbox started, JobLimits limits, Optional<FileView> view, Requests requests)
            throws IOException, InterruptedException {
        setRunning(started);
        LimitMonitor watch = started.watch(limits, this::exceedsQuota);
        try {
            requests.send(started.requests());
        } catch (IOException e) {
            log.debug("a sandbox ended before it had read its whole request: {}", e.toString());
        }
        Optional<ViewThread> shown = view.map(started::show);
        try {
            watch.awaitEnd();
            // Before its streams are closed: the last that it has said may be why it ended.
            shown.ifPresent(ViewThread::stop);
        } finally {
            started.end();
            shown.ifPresent(ViewThread::stop);
        }
        endRunning();
        if (shown.isPresent()) {
            shown.get().uses(); // If the view has failed, that is the reason for all else.
        }
        return shown;
    }

    private static List<PathUse> uses(Optional<ViewThread> shown) throws IOException, InterruptedException {
        if (shown.isEmpty()) {
            return List.of();
        }
        return shown.get()
                .uses()
                .orElseThrow(() ->
                        new SandboxException("a sandbox ended before it had said what its command did with the view"));
    }

    private boolean exceedsQuota(long inFiles) {
        return sandbox.quota().isExceededBy(this, inFiles);
    }

    private synchronized void setRunning(StartedSandbox started) throws CommandKilledException {
        throwIfKilled();
        running = started;
    }

    private synchronized void endRunning() throws CommandKilledException {
        running = null;
        throwIfKilled();
    }

    @GuardedBy("this")
    private void throwIfKilled() throws CommandKilledException {
        if (killed) {
            throw new CommandKilledException("the command was cancelled");
        }
    }

    @Override
    public synchronized void kill() {
        killed = true;
        if (running != null) {
            running.kill();
        }
    }

    @Override
    public Optional<InputStream> openFile(String path) throws IOException {
        Optional<Path> file = directory.tree().findFile(path);
        try {
            return file.isPresent() ? Optional.of(Files.newInputStream(file.get(), READ_NO_LINK)) : Optional.empty();
        } catch (AccessDeniedException e) {
            return Optional.empty(); // the command took away the right to read it
        }
    }

    @Override
    public void close() {
        directory.remove();
        sandbox.quota().release(this);
        limitsOfLast.ifPresent(limits -> sandbox.prepareNext(lower, limits, ranPrepared));
    }
}
