package dev.jdist.sandbox.bubblewrap;

import dev.jdist.sandbox.CommandKilledException;
import dev.jdist.sandbox.Isolation;
import dev.jdist.sandbox.JobLimit;
import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.LimitExceededException;
import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.SandboxResult;
import dev.jdist.sandbox.bubblewrap.HelperArguments.Devices;
import dev.jdist.sandbox.bubblewrap.SandboxReport.Lack;
import dev.jdist.sandbox.bubblewrap.SandboxReport.Rejection;
import dev.jdist.sandbox.cgroup.JobCgroups;
import dev.jdist.sandbox.tree.TreeOwner;
import dev.jdist.sandbox.tree.TreeRemoval;
import dev.jdist.sandbox.view.FileView;
import dev.jdist.sandbox.view.ViewException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A machine that was found able to run sandboxed commands, and its scratch space.
 *
 * <p>Scratch space is a tmpfs where this process has a mount namespace of its own: it is fast, and the kernel removes it,
 * with all that jobs left in it, when the last process of the builder is gone, be it by {@code kill -9}. Elsewhere it is
 * a plain directory, emptied at start and stop.
 */
public final class BubblewrapSandbox implements Isolation {
    private static final Logger log = LoggerFactory.getLogger(BubblewrapSandbox.class);
    private static final Pattern VERSION = Pattern.compile("bubblewrap ([0-9]+)\\.([0-9]+).*");
    private static final Version MIN_VERSION = new Version(0, 3);
    /** The first that mounts overlays. */
    private static final Version OVERLAY_VERSION = new Version(0, 11);

    /** Far more than it takes, as a slow machine under load must not be taken for one that has no sandboxes. */
    private static final Duration PROBE_TIMEOUT = Duration.ofMinutes(2);

    private static final int MAX_COMPLAINT = 4096;
    private static final JobLimits PROBE_LIMITS = new JobLimits(PROBE_TIMEOUT, 1 << 28, 64, 1 << 28, MAX_COMPLAINT, 0);

    private final Path helper;
    private final Path bubblewrap;
    private final Path scratch;
    private final JobCgroups cgroups;
    private final Means means;
    private final SandboxPool<StartedSandbox> prepared;
    private final int mostPrepared;
    private final AtomicLong sequence = new AtomicLong();
    private final ScratchQuota quota = new ScratchQuota(Long.MAX_VALUE);

    /**
     * What a builder asks of its sandboxes.
     *
     * @param candidates of which the first that works is taken
     * @param owner the user of jobs; should that not work, it is the builder's own
     * @param mostPrepared how many sandboxes may wait for commands: as many as commands run at once. More would
     *     never be wanted, and each takes three processes and nearly 1 MiB.
     * @param contents the directory with the contents of files of views, which the user of jobs may enter; none if there
     *     are to be no views
     */
    public record Wanted(List<SandboxStrategy> candidates, TreeOwner owner, int mostPrepared, Optional<Path> contents) {
        public Wanted {
            candidates = List.copyOf(candidates);
        }

        /** Without views. */
        public Wanted(List<SandboxStrategy> candidates, TreeOwner owner, int mostPrepared) {
            this(candidates, owner, mostPrepared, Optional.empty());
        }
    }

    /** How it is done. @param contents of views, if there are any */
    record Means(SandboxReport report, Devices devices, TreeOwner owner, Optional<Path> contents) {
        Means(SandboxReport report, Devices devices, TreeOwner owner) {
            this(report, devices, owner, Optional.empty());
        }
    }

    BubblewrapSandbox(Path helper, Path bubblewrap, Path scratch, JobCgroups cgroups, Means means, int mostPrepared) {
        this.helper = helper;
        this.bubblewrap = bubblewrap;
        this.scratch = scratch;
        this.cgroups = cgroups;
        this.means = means;
        this.mostPrepared = mostPrepared;
        this.prepared = SandboxPool.start(mostPrepared, this::prepare);
    }

    /**
     * Finds out how commands can be run here, by running one.
     *
     * @param helper the program {@code jdist-sandbox}
     * @param bubblewrap the program {@code bwrap}
     * @param scratch a directory for jobs, made if it is not there; what it holds is removed
     * @param inMemory whether to mount a tmpfs there: only in a mount namespace that is this process's own
     * @throws SandboxException if no candidate works, saying what is to be done about it
     */
    public static BubblewrapSandbox open(Path helper, Path bubblewrap, Path scratch, boolean inMemory, Wanted wanted)
            throws IOException, InterruptedException {
        Version version = checkBubblewrap(bubblewrap);
        TreeRemoval.remove(scratch);
        // Not one that somebody else has made meanwhile: others may write to its parent.
        Files.createDirectory(
                scratch, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        boolean mounted = inMemory && probe(List.of(helper.toString(), "scratch", scratch.toString())).exitCode == 0;
        SandboxAdvice advice = new SandboxAdvice(Path.of("/proc/sys"));
        JobCgroups cgroups = JobCgroups.open(helper);
        List<Rejection> rejected = new ArrayList<>();
        for (SandboxStrategy strategy : wanted.candidates) {
            if (strategy == SandboxStrategy.BWRAP_OVERLAY && version.isBefore(OVERLAY_VERSION)) {
                rejected.add(new Rejection(
                        strategy,
                        bubblewrap + " is of version " + version,
                        "It takes " + OVERLAY_VERSION + " or later is needed: install it, or set bwrap_path to it"));
                continue;
            }
            try {
                Means means =
                        new Means(new SandboxReport(strategy, mounted, rejected), Devices.READ_ONLY, wanted.owner);
                return new BubblewrapSandbox(helper, bubblewrap, scratch, cgroups, means, wanted.mostPrepared)
                        .provenWithAnyUser()
                        .withViews(wanted.contents, advice);
            } catch (SandboxException | CommandKilledException e) {
                String complaint = Objects.requireNonNull(e.getMessage()); // Both have one.
                rejected.add(new Rejection(strategy, complaint, advice.remedy(strategy, complaint)));
            }
        }
        throw new SandboxException("jobs cannot be run on this machine. "
                + rejected.stream()
                        .map(rejection -> rejection.strategy() + ": " + rejection)
                        .collect(Collectors.joining("; ")));
    }

    private static void createScratch(Path scratch) throws IOException {
        Files.createDirectories(
                scratch, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static Version checkBubblewrap(Path bubblewrap) throws IOException, InterruptedException {
        if (!Files.isExecutable(bubblewrap)) {
            throw new SandboxException("there is no program " + bubblewrap
                    + "; install bubblewrap (Debian: apt install bubblewrap) or set bwrap_path");
        }
        Probe answer = probe(List.of(bubblewrap.toString(), "--version"));
        Matcher matcher = VERSION.matcher(answer.output.strip());
        if (answer.exitCode != 0 || !matcher.matches()) {
            throw new SandboxException(
                    bubblewrap + " is not bubblewrap (by its answer to --version); set bwrap_path to bwrap");
        }
        Version version = new Version(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
        if (version.isBefore(MIN_VERSION)) {
            throw new SandboxException(
                    bubblewrap + " is " + answer.output.strip() + "; version 0.3.0 or later is needed");
        }
        return version;
    }

    private BubblewrapSandbox with(Means others) {
        return new BubblewrapSandbox(helper, bubblewrap, scratch, cgroups, others, mostPrepared);
    }

    /** {@link #proven()}, or else, where only the user of jobs is in the way, one whose jobs have the builder's own. */
    private BubblewrapSandbox provenWithAnyUser() throws IOException, InterruptedException {
        if (means.owner.user().isEmpty()) {
            return proven();
        }
        try {
            return proven();
        } catch (CommandKilledException e) {
            throw e;
        } catch (IOException e) { // to give files to another user may fail, too
            prepared.close();
            String complaint = Objects.requireNonNullElse(e.getMessage(), e.toString());
            Lack why = new Lack(complaint, SandboxAdvice.userRemedy(complaint));
            return with(new Means(means.report.withoutUser(why), means.devices, TreeOwner.SELF))
                    .proven();
        }
    }

    /** This one if a command runs in it, or else, where only the filter of system calls is in the way, one without. */
    private BubblewrapSandbox proven() throws IOException, InterruptedException {
        try {
            proveBothWays();
            return this;
        } catch (CommandKilledException e) {
            prepared.close();
            throw e;
        } catch (SandboxException e) {
            prepared.close();
            String complaint = e.getMessage();
            if (!SandboxAdvice.isOfFilter(complaint)) {
                return provenWithDevicesAsTheyAre(e);
            }
            Lack why = new Lack(complaint, SandboxAdvice.filterRemedy(complaint));
            BubblewrapSandbox without = with(new Means(means.report.withoutFilter(why), means.devices, means.owner));
            try {
                without.proveBothWays();
                return without;
            } catch (IOException | InterruptedException failure) {
                without.prepared.close();
                throw failure;
            }
        }
    }

    /** A machine may allow namespaces to bubblewrap and to no other program: devices cannot be protected then. */
    private BubblewrapSandbox provenWithDevicesAsTheyAre(SandboxException problem)
            throws IOException, InterruptedException {
        boolean isLeftToBubblewrap =
                strategy() == SandboxStrategy.BWRAP_OVERLAY || strategy() == SandboxStrategy.DIRECTORY;
        if (means.devices == Devices.AS_THEY_ARE || !isLeftToBubblewrap) {
            throw problem;
        }
        BubblewrapSandbox sandbox =
                with(new Means(means.report, Devices.AS_THEY_ARE, means.owner)).proven();
        log.info("jobs can set the times of this machine's devices: {}", problem.getMessage());
        return sandbox;
    }

    /** This one, or one that has views out of a directory, if there is one and they work here. */
    private BubblewrapSandbox withViews(Optional<Path> contents, SandboxAdvice advice)
            throws IOException, InterruptedException {
        if (contents.isEmpty()) {
            return this;
        }
        if (strategy() == SandboxStrategy.DIRECTORY) {
            return withoutViews(new Lack(
                    "sandboxes of the kind " + strategy() + " have toolchains mounted in the way of a job's files",
                    "It takes one of the other kinds"));
        }
        if (!filtersCalls()) {
            return withoutViews(new Lack("system calls of jobs are not filtered", ""));
        }
        prepared.close();
        BubblewrapSandbox viewed = with(new Means(means.report, means.devices, means.owner, contents));
        try {
            viewed.proveBothWays(Optional.of(new TestView()));
            return viewed;
        } catch (CommandKilledException e) {
            viewed.prepared.close();
            throw e;
        } catch (ViewException | SandboxException e) {
            viewed.prepared.close();
            String complaint = Objects.requireNonNull(e.getMessage()); // Both have one.
            return withoutViews(new Lack(complaint, advice.viewRemedy(complaint)));
        }
    }

    private BubblewrapSandbox withoutViews(Lack why) {
        prepared.close();
        return with(new Means(means.report.withoutViews(why), means.devices, means.owner));
    }

    @Override
    public Optional<String> withoutViews() {
        Optional<String> why = means.report.unviewed().map(Lack::toString);
        return means.contents.isPresent()
                ? Optional.empty()
                : why.or(() -> Optional.of("no directory of contents is set"));
    }

    @Override
    public void look() throws IOException, InterruptedException {
        prove();
    }

    /** Has a command run in a sandbox that is made for it. Those that wait for the commands of others stay as they are. */
    @Override
    public void prove() throws IOException, InterruptedException {
        checkBubblewrap(bubblewrap);
        long number = sequence.incrementAndGet();
        Path lower = scratch.resolve("self-test-" + number);
        try {
            createScratch(scratch);
            makeTestTree(lower);
        } catch (IOException e) {
            throw new SandboxException(
                    "files of jobs cannot be written below " + scratch.getParent() + " (" + e
                            + "); make room there, or let" + " build_dir be a directory that the builder can write to",
                    e);
        }
        JobDirectory directory = newDirectory(scratch.resolve("trying-" + number), lower);
        try (BubblewrapRoot root = new BubblewrapRoot(this, lower, directory)) {
            root.createDirectories("/upper");
            succeeded(root.runOnTheSpot(testCommand(), PROBE_LIMITS, Optional.empty())
                    .result());
        } catch (SandboxException e) {
            String complaint = e.getMessage();
            String remedy = new SandboxAdvice(Path.of("/proc/sys")).remedy(strategy(), complaint);
            throw new SandboxException(
                    complaint + "; " + (remedy.isEmpty() ? "jdist doctor says what this machine lacks" : remedy), e);
        } catch (LimitExceededException e) {
            throw exceeded(e);
        } finally {
            TreeRemoval.remove(lower);
        }
    }

    /** Has commands run both ways: in a sandbox that is made for it, and in one that waited. */
    private void proveBothWays() throws IOException, InterruptedException {
        proveBothWays(Optional.empty());
    }

    private void proveBothWays(Optional<FileView> view) throws IOException, InterruptedException {
        Path lower = scratch.resolve("self-test");
        try {
            makeTestTree(lower);
            if (proveOnce(lower, view)) {
                throw new IllegalStateException("a waiting sandbox ran the test command");
            }
            if (mostPrepared > 0) {
                prepared.awaitWaiting();
                if (!proveOnce(lower, view)) {
                    log.warn("waiting sandboxes do not work here; each sandbox is made for its job");
                    prepared.close();
                }
            }
        } catch (LimitExceededException e) {
            throw exceeded(e);
        } finally {
            giveUp(lower).join();
            TreeRemoval.remove(lower);
        }
    }

    /**
     * Runs the helper itself, which needs no library: from the lower tree, in a directory of the upper one.
     *
     * @return whether a prepared sandbox did it
     */
    private boolean proveOnce(Path lower, Optional<FileView> view) throws IOException, InterruptedException {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/upper");
            succeeded(
                    view.isPresent()
                            ? root.run(TestView.COMMAND, PROBE_LIMITS, view.get())
                                    .result()
                            : root.run(testCommand(), PROBE_LIMITS));
            return root.ranPrepared();
        }
    }

    private void makeTestTree(Path lower) throws IOException {
        Path program = lower.resolve("lower/true");
        Files.createDirectories(program.getParent());
        Files.copy(helper, program);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.write(lower.resolve("lower/hidden"), new byte[0]);
    }

    private SandboxCommand testCommand() {
        String verb = filtersCalls() ? "filtered" : "true";
        return new SandboxCommand("/lower/true", List.of(verb), Map.of(), "/upper");
    }

    private static void succeeded(SandboxResult result) throws SandboxException {
        if (result.exitCode() != 0) {
            throw new SandboxException("a test command in the sandbox ended with " + result.exitCode() + ": "
                    + new String(result.stderr(), StandardCharsets.UTF_8).strip());
        }
    }

    private static SandboxException exceeded(LimitExceededException e) {
        return new SandboxException("a test command in the sandbox exceeded the limit " + e.limit(), e);
    }

    @Override
    public BubblewrapRoot openRoot(Path lower) throws IOException {
        return new BubblewrapRoot(this, lower, newDirectory(nextDirectory(), lower));
    }

    /** For a job. */
    Path nextDirectory() {
        return scratch.resolve("job-" + sequence.incrementAndGet());
    }

    private JobDirectory newDirectory(Path path, Path lower) throws IOException {
        means.owner.ownAll(lower);
        return JobDirectory.create(path, lower, means.owner);
    }

    /** Makes a sandbox that waits for a command. */
    private StartedSandbox prepare(Path lower, JobLimits limits) throws IOException {
        long number = JobCgroups.nextNumber();
        JobDirectory directory = newDirectory(scratch.resolve("waiting-" + number), lower);
        try {
            return StartedSandbox.start(this, number, lower, directory, limits);
        } catch (IOException e) {
            directory.remove();
            throw e;
        }
    }

    /** One that waits for a command, and is the caller's from now on. */
    Optional<StartedSandbox> takePrepared(Path lower, JobLimits limits) {
        return prepared.take(lower, limits);
    }

    /** A command ran, and others like it may follow. @param found whether there was a prepared sandbox for it */
    void prepareNext(Path lower, JobLimits limits, boolean found) {
        prepared.replace(lower, limits, found);
    }

    SandboxPool<StartedSandbox> prepared() {
        return prepared;
    }

    @Override
    public CompletableFuture<Void> giveUp(Path lower) {
        return prepared.giveUp(lower);
    }

    /** What was chosen, and what was not. */
    public SandboxReport report() {
        return means.report;
    }

    /** Whether the kernel keeps these limits, and not {@link LimitMonitor} by looking at what jobs have taken already. */
    public boolean limitsMemoryAndProcesses() {
        return cgroups.keeps(JobLimit.MEMORY) && cgroups.keeps(JobLimit.PROCESSES);
    }

    /** @param bytes that all commands together may have in files: when it is more, the command that has most is ended */
    public void limitScratch(long bytes) {
        quota.set(bytes);
    }

    /** Bytes that are free where the files of commands are. */
    public long freeScratch() throws IOException {
        return Files.getFileStore(scratch).getUsableSpace();
    }

    ScratchQuota quota() {
        return quota;
    }

    SandboxStrategy strategy() {
        return means.report.chosen();
    }

    Devices devices() {
        return means.devices;
    }

    boolean filtersCalls() {
        return means.report.unfiltered().isEmpty();
    }

    /** The contents of files of views, if commands can have any. */
    Optional<Path> contents() {
        return means.contents;
    }

    /** To whom belongs what jobs have. */
    TreeOwner owner() {
        return means.owner;
    }

    Path helper() {
        return helper;
    }

    JobCgroups cgroups() {
        return cgroups;
    }

    Path bubblewrap() {
        return bubblewrap;
    }

    /** Ends what waits, and removes what is left in the scratch space. */
    @Override
    public void close() throws IOException {
        prepared.close();
        try (var left = Files.list(scratch)) {
            for (Path entry : left.toList()) {
                TreeRemoval.remove(entry);
            }
        }
    }

    /** Of bubblewrap. */
    private record Version(int major, int minor) {
        boolean isBefore(Version other) {
            return major < other.major || major == other.major && minor < other.minor;
        }

        @Override
        public String toString() {
            return major + "." + minor;
        }
    }

    private record Probe(int exitCode, String output) {}

    private static Probe probe(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        // What it says fits into the pipe; reading first could last as long as the program does.
        if (!process.waitFor(PROBE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new SandboxException(command.get(0) + " does not end");
        }
        byte[] output = process.getInputStream().readNBytes(MAX_COMPLAINT);
        return new Probe(process.exitValue(), new String(output, StandardCharsets.UTF_8));
    }
}
