package dev.jdist.client.compile;

import dev.jdist.client.cache.BaseDirectories;
import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.cache.CompileCache.Found;
import dev.jdist.client.cache.CompileCache.KeyStrategy;
import dev.jdist.client.cache.CompileCache.Recipient;
import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.cache.PreprocessedKey;
import dev.jdist.client.cache.RequestKey;
import dev.jdist.client.cache.direct.CompileInputs;
import dev.jdist.client.cache.direct.DependencyTarget;
import dev.jdist.client.cache.direct.DependencyTarget.Layout;
import dev.jdist.client.cache.direct.ManifestRecorder.Record;
import dev.jdist.client.cache.storage.EntryOrigin;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.compiler.CacheKeyOptions;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.CompilerVariable;
import dev.jdist.client.compiler.ProcessFiles;
import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.UnchangedPaths;
import dev.jdist.client.identity.CompilerIdentity;
import dev.jdist.client.identity.HostProcessor;
import dev.jdist.client.inputs.ResponseFileCheck;
import dev.jdist.client.inputs.SearchPath;
import dev.jdist.client.inputs.UnitInputs.KeyText;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cache as one unit sees it: its keys, and what is remembered under them. */
public final class UnitCacheSession {
    private static final Logger log = LoggerFactory.getLogger(UnitCacheSession.class);

    private static final Set<String> KEYED = CompilerVariable.names(CompilerVariable.Trait.KEYED);
    private static final Set<String> NAMING_FILES = CompilerVariable.names(CompilerVariable.Trait.NAMES_FILES);
    private static final Set<String> LIBRARIES = CompilerVariable.names(CompilerVariable.Trait.LIBRARIES);

    private final CompileCache cache;
    private final BaseDirectories base;
    private final CompilerIdentity compiler;
    private final RequestHitCache requests;
    private final CompileTask task;
    private final CacheKeyOptions arguments;
    private final RequestKey requestKey;
    private final Optional<DependencyTarget> target;

    /** @param requests is told of a hit, so that it is found by its words the next time */
    public UnitCacheSession(
            CompileCache cache,
            BaseDirectories base,
            CompilerIdentity compiler,
            RequestHitCache requests,
            CompileTask task) {
        this.cache = cache;
        this.base = base;
        this.compiler = compiler;
        this.requests = requests;
        this.task = task;
        this.arguments = task.unit().caching();
        this.target = arguments
                .soleTarget()
                .filter(DependencyTarget::isPlain)
                .map(name -> new DependencyTarget(name, layout(task.compiler().kind())));
        this.requestKey = requestKey(compiler);
    }

    private static Layout layout(CompilerKind kind) {
        return switch (kind) {
            case GCC -> Layout.GCC;
            case CLANG -> Layout.CLANG;
        };
    }

    /** The same wherever it is asked for, where the directory cannot matter. */
    private RequestKey requestKey(CompilerIdentity compiler) {
        CallerRequest request = task.request();
        Map<String, String> places = new TreeMap<>(request.environment());
        places.keySet().retainAll(NAMING_FILES);
        boolean anywhere = !arguments.dependOnDirectory()
                && task.compiler().configuration().options().isEmpty()
                && Stream.concat(places.values().stream(), LIBRARIES.stream().map(request.environment()::get))
                        .filter(Objects::nonNull)
                        .allMatch(UnitCacheSession::areAbsolute);
        Map<String, String> variables = variables();
        variables.putAll(places);
        if (!anywhere) {
            CompilerVariable.PWD
                    .of(request.environment())
                    .ifPresent(directory -> variables.put(CompilerVariable.PWD.name(), directory));
        }
        return RequestKey.of(
                compiler.text(),
                keyArguments(arguments.forRequest(target.isPresent())),
                anywhere ? Optional.empty() : Optional.of(request.cwd()),
                variables);
    }

    /** Of a list of names; an empty one is that of the directory. */
    private static boolean areAbsolute(String names) {
        return Stream.of(names.split(":", -1)).allMatch(name -> name.startsWith("/"));
    }

    private Map<String, String> variables() {
        Map<String, String> variables = new TreeMap<>(task.request().environment());
        variables.keySet().retainAll(KEYED);
        return variables;
    }

    private List<String> keyArguments(List<String> ofCommand) {
        List<String> all = new ArrayList<>(ofCommand);
        all.add(task.colors() ? "in colour" : "without colour");
        all.addAll(task.terminalOptions());
        all.add(task.compiler().plusplus() ? "C++" : "C");
        if (arguments.isForThisMachine()) {
            all.add(HostProcessor.ofThisMachine());
        }
        return all;
    }

    /** Whether the caller wants what is known: {@code SCCACHE_RECACHE} says no. */
    boolean isAsked() {
        return !CompilerVariable.SCCACHE_RECACHE.isIn(task.request().environment());
    }

    /** Whether this unit may be recognised by its files. */
    boolean isDirect() {
        String wish = CompilerVariable.SCCACHE_DIRECT
                .of(task.request().environment())
                .orElse("")
                .toLowerCase(java.util.Locale.ROOT);
        boolean clock = arguments.mentionsClock() && !cache.settings().ignoreClock();
        return cache.settings().direct()
                && arguments.namesAreFiles()
                && !clock
                && !Set.of("false", "off", "0").contains(wish);
    }

    /**
     * Whether the compile itself can tell what it reads, so that no preprocessor has to run. With base directories it is the
     * text that has to be compared.
     */
    boolean canDoWithoutSource() {
        CacheKeyOptions.Dependencies dependencies = arguments.dependencies();
        return isDirect()
                && strategy() == KeyStrategy.FILES
                && !arguments.recordsArguments()
                && base.isEmpty()
                && (dependencies == CacheKeyOptions.Dependencies.NONE
                        || dependencies == CacheKeyOptions.Dependencies.ALL);
    }

    Optional<Found> find(Recipient recipient) {
        return isDirect() ? cache.find(requestKey, target, recipient) : Optional.empty();
    }

    /** Remembers the words of this request, which was a hit that its launcher took. */
    void rememberRequest() {
        Map<Path, Optional<FileStat>> stamps = new HashMap<>(compiler.stamps());
        stamps.putAll(task.compilerStats());
        requests.remember(task, requestKey, target, stamps);
    }

    /** What it takes to find this unit again. */
    KeyStrategy strategy() {
        return cache.strategy(requestKey, task.source());
    }

    /**
     * A preprocessed text has two keys. What compilers have to say depends on more than that text: they quote lines of the
     * sources. A result with warnings is stored under the key that has the content of all sources in it, and so is
     * every result of a unit whose warnings depend on comments, or whose object tells of its sources.
     */
    record SourceKeys(PreprocessedKey ofSilent, PreprocessedKey ofRemarks) {
        private PreprocessedKey of(CompileResult result) {
            return result.isSilent() ? ofSilent : ofRemarks;
        }
    }

    Optional<CompileResult> find(SourceKeys keys) {
        return cache.find(keys.ofSilent).or(() -> cache.find(keys.ofRemarks));
    }

    /** @param sources of the text, in its order */
    SourceKeys keys(KeyText text, Set<Path> sources) throws IOException {
        PreprocessedKey key = key(text);
        List<String> contents = new ArrayList<>();
        for (Path source : sources) {
            contents.add(cache.contentOf(source).orElse("no file"));
        }
        PreprocessedKey ofRemarks = key.of(contents);
        // What the preprocessor itself remarks on, a #warning say, is not in its text either.
        boolean all = arguments.heedsComments()
                || text.tellsOfSources()
                || !text.remarks().isEmpty();
        return new SourceKeys(all ? ofRemarks : key, ofRemarks);
    }

    private PreprocessedKey key(KeyText text) throws IOException {
        List<String> all = keyArguments(arguments.forText());
        all.add(text.form());
        if (arguments.namesDirectory()) {
            all.add(task.request().cwd().toString());
            all.add(CompilerVariable.PWD.of(task.request().environment()).orElse(""));
            all.add(sameDirectories());
        }
        for (Path file : extraFiles()) {
            all.add(cache.contentOf(file).orElse("no file"));
        }
        List<String> stripped = all.stream().map(base::strip).toList();
        return PreprocessedKey.of(
                compiler.text(),
                stripped,
                variables(),
                base.strip(text.text()),
                base.strip(text.remarks().toByteArray()));
    }

    /** Where two directories are the same one, debugging information may name files by either. */
    private String sameDirectories() throws IOException {
        List<Path> directories = new ArrayList<>();
        directories.add(task.request().cwd());
        directories.add(task.source().getParent());
        arguments
                .namesForPreprocessor()
                .forEach(name -> directories.add(task.request().cwd().resolve(name)));
        return cache.sameness(directories);
    }

    /** Has others who ask for the same wait until it is remembered. */
    CompileCache.Recording recording() {
        return cache.recording(requestKey);
    }

    /**
     * Takes down what a compile read, if it can be proven that it is what is there now: the files, where they were looked for,
     * the compiler, and what the command line names.
     *
     * @return nothing if it cannot: nothing that came of the compile may be stored
     */
    Optional<Record> record(Inputs inputs) {
        if (areOfProcess(inputs.files)) {
            log.debug(
                    "{} is not stored: it reads a file of a process",
                    task.unit().input());
            rememberNeedOfSource();
            return Optional.empty();
        }
        try {
            UnchangedPaths paths = new UnchangedPaths(inputs.before());
            Record record = cache.record(compileInputs(inputs), paths);
            checkCompiler(paths);
            ResponseFileCheck.check(task, paths);
            paths.finish(task.caller().sawMounts());
            return Optional.of(record);
        } catch (IOException | ChangedException e) {
            log.debug("{} is not stored: {}", task.unit().input(), e.getMessage());
            return Optional.empty();
        }
    }

    /** Whether the compiler is the one that it was when a compile began. */
    boolean isOfThisCompiler(FileBaseline before) {
        try {
            UnchangedPaths paths = new UnchangedPaths(before);
            checkCompiler(paths);
            paths.finish(task.caller().sawMounts());
            return true;
        } catch (IOException | ChangedException e) {
            log.debug("{} is not stored: {}", task.unit().input(), e.getMessage());
            return false;
        }
    }

    private void checkCompiler(UnchangedPaths paths) throws IOException, ChangedException {
        compiler.check(paths);
        for (Map.Entry<Path, Optional<FileStat>> part : task.compilerStats().entrySet()) {
            if (!paths.check(part.getKey()).equals(part.getValue())) {
                throw new ChangedException(part.getKey() + " changed during the compile");
            }
        }
    }

    /** Remembers what came of a text. @param maker the builder that made it, if one did */
    void remember(SourceKeys keys, CompileResult result, Optional<EntryOrigin> maker) {
        cache.remember(keys.of(result), result, maker);
    }

    /** Remembers by which files a text is recognised. */
    void rememberInputs(SourceKeys keys, CompileResult result, Record record, Optional<byte[]> dependencies) {
        if (isDirect()) {
            cache.remember(requestKey, record, dependencies, keys.of(result));
        }
    }

    /** Whether one of these files mentions the time of day. */
    boolean mentionClock(Set<Path> files) throws IOException {
        return cache.mentionClock(files);
    }

    /** Whether one of these files, of which line markers tell, may take in the bytes of another one, of which they do not. */
    boolean embed(Set<Path> files) throws IOException {
        return cache.embed(files);
    }

    /** Whether it takes the preprocessed source to tell whether the assembler reads a file for the unit. */
    boolean mayHideAssembler(Set<Path> files) throws IOException {
        return task.unit().language().isAssembler() || cache.hideAssembler(files);
    }

    /** Remembers that nothing helps to find this unit again, as the assembler reads a file for it. */
    void rememberAssemblerInput() {
        cache.rememberAssemblerInput(requestKey);
    }

    /** Remembers that it takes the text to recognise this unit. */
    void rememberNeedOfSource() {
        cache.rememberNeedOfSource(requestKey);
    }

    /** Remembers what came of the compile as a whole. @param maker the builder that made it, if one did */
    void remember(CompileResult result, Record record, Optional<byte[]> dependencies, Optional<EntryOrigin> maker) {
        if (!task.unit().usesModules()) {
            cache.remember(requestKey, record, dependencies, result, maker);
        } else if (!cache.knowsModules(record)) {
            log.debug(
                    "{} is not stored: it reads a module that jdist has not seen made",
                    task.unit().input());
        } else if (cache.remember(requestKey, record, dependencies, result, maker)) {
            result.outputs().forEach(output -> output.ifPresent(cache::rememberModule));
        }
    }

    /** Whether one of these files, of which sources told the compiler, is another one for each process. */
    private static boolean areOfProcess(Set<Path> files) {
        ProcessFiles processFiles = new ProcessFiles();
        return files.stream().anyMatch(processFiles::contain);
    }

    /**
     * What a compile read.
     *
     * @param files all of them
     * @param before how the file system looked when it began
     * @param dependencies what it wrote into its dependency file
     * @param complete whether the unit can be recognised by them
     * @param looked all places at which it looked, where that was seen
     */
    record Inputs(
            Set<Path> files,
            SearchPath searched,
            FileBaseline before,
            Optional<byte[]> dependencies,
            boolean complete,
            Optional<Set<Path>> looked) {
        /** With what another compile of the same unit read. */
        Inputs and(Set<Path> more) {
            Set<Path> all = new LinkedHashSet<>(files);
            all.addAll(more);
            return new Inputs(all, searched, before, dependencies, complete, looked);
        }
    }

    /** Files that the compiler reads without including them, or that the caller says it does. */
    private List<Path> extraFiles() {
        List<Path> files = new ArrayList<>(task.optionFiles());
        for (String file : CompilerVariable.SCCACHE_EXTRAFILES
                .of(task.request().environment())
                .orElse("")
                .split(":")) {
            if (!file.isEmpty()) {
                files.add(task.request().cwd().resolve(file));
            }
        }
        return files;
    }

    /** Where included files, and compiled modules, are looked for. */
    private List<Path> searched(SearchPath included) {
        List<Path> directories = new ArrayList<>(included.directories());
        arguments
                .moduleDirectories()
                .forEach(name -> directories.add(task.request().cwd().resolve(name)));
        return directories;
    }

    private CompileInputs compileInputs(Inputs inputs) {
        Set<Path> read = new LinkedHashSet<>();
        read.add(task.source());
        read.addAll(inputs.files);
        read.addAll(extraFiles());
        return new CompileInputs(
                read,
                arguments.forcedIncludes(),
                searched(inputs.searched),
                task.request().cwd(),
                inputs.before,
                inputs.dependencies,
                target,
                inputs.looked);
    }
}
