package dev.jdist.client.inputs;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.CommandRunner;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.compiler.CompileUnit;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerVariable;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where compilers look for included files: asked of them once for each way in which they are called. */
public final class SearchPaths {
    private static final Logger log = LoggerFactory.getLogger(SearchPaths.class);

    private static final Set<String> VARIABLES = CompilerVariable.names(CompilerVariable.Trait.SEARCHED);

    private static final int MAX_REMEMBERED = 1000;
    /** How long a question is not asked again that was not answered in time. */
    private static final Duration PAUSE = Duration.ofMinutes(1);

    /** Everything on which the answer depends. */
    private record Question(Compiler compiler, List<String> arguments, Path cwd, Map<String, String> variables) {}

    private final Scratch scratch;
    private final Cache<Question, Optional<SearchPath>> answers =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();

    /** Those that were not answered in time: each unit would have to wait for that. */
    private final Cache<Question, Boolean> silent = Caffeine.newBuilder()
            .maximumSize(MAX_REMEMBERED)
            .expireAfterWrite(PAUSE)
            .build();

    public SearchPaths(Scratch scratch) {
        this.scratch = scratch;
    }

    /** @return nothing if the compiler does not tell; no directories for a unit that includes nothing */
    public Optional<SearchPath> of(CompileTask task) throws IOException, CallerGoneException, InterruptedException {
        return task.unit().needsPreprocessing()
                ? of(task.compiler(), task.unit(), task.request(), task.caller())
                : Optional.of(new SearchPath(List.of()));
    }

    private Optional<SearchPath> of(Compiler compiler, CompileUnit unit, CallerRequest request, CommandRunner runner)
            throws IOException, CallerGoneException, InterruptedException {
        Map<String, String> variables = new TreeMap<>(request.environment());
        variables.keySet().retainAll(VARIABLES);
        Question question = new Question(compiler, unit.caching().printSearchPath(), request.cwd(), variables);
        Optional<SearchPath> answer = answers.getIfPresent(question);
        if (answer == null && silent.getIfPresent(question) != null) {
            return Optional.empty();
        }
        if (answer == null) {
            answer = ask(question, runner);
            // What fails may work the next time, or for another caller.
            if (answer.isPresent()) {
                answers.put(question, answer);
            }
        }
        return answer;
    }

    private Optional<SearchPath> ask(Question question, CommandRunner runner)
            throws IOException, CallerGoneException, InterruptedException {
        Path text = scratch.newFile(".search");
        Path printed = scratch.newFile(".search.err");
        // Its words are translated otherwise.
        List<String> command = new ArrayList<>(
                List.of("env", "LC_ALL=C", question.compiler.path().toString()));
        command.addAll(question.arguments);
        try {
            int code = runner.run(new RunCommand(
                    RunCommand.Kind.QUESTION, Optional.of(text), Optional.of(printed), "/usr/bin/env", command));
            if (code == RunCommand.TOO_LONG) {
                log.warn("{} {} does not end", question.compiler.path(), String.join(" ", question.arguments));
                silent.put(question, true);
            }
            return code == 0
                    ? SearchPath.parse(new String(Files.readAllBytes(printed), StandardCharsets.UTF_8), question.cwd)
                    : Optional.empty();
        } finally {
            Files.deleteIfExists(text);
            Files.deleteIfExists(printed);
        }
    }
}
