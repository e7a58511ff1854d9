package dev.jdist.client.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.execution.Action;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.ActionResult.Output;
import dev.jdist.client.execution.FarmException;
import dev.jdist.client.execution.Verdict;
import dev.jdist.client.execution.sccache.CompileFarm;
import dev.jdist.client.inputs.InputFile;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.message.EnvironmentVariable;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/** A farm that does what a test says, and remembers the jobs it was given. */
public final class FakeFarm implements CompileFarm {
    static final ServerId BUILDER = ServerId.parse("10.0.0.7:10501");

    /** What becomes of one job. */
    @FunctionalInterface
    public interface Builder {
        ActionResult run(Job job, CompletionStage<Void> gone) throws FarmException, InterruptedException;
    }

    /** A job as the builder finds it; inputs by name without the leading slash, directories with a slash at the end. */
    record Job(Action action, Map<String, String> inputs) {
        static Job of(Action action) throws IOException {
            Map<String, String> inputs = new TreeMap<>();
            for (InputFile input : action.inputs()) {
                String before = inputs.put(
                        input.path().toString().substring(1),
                        Files.readString(input.content(), StandardCharsets.UTF_8));
                assertEquals(null, before, "twice among the inputs: " + input.path());
            }
            for (Path detour : action.detours()) {
                Path prefix = Path.of("/");
                for (Path name : detour) {
                    if (name.toString().equals("..")) {
                        inputs.put(prefix.toString().substring(1) + "/", "");
                    }
                    prefix = prefix.resolve(name);
                }
            }
            return new Job(action, inputs);
        }

        String executable() {
            return action.toolchain().executable();
        }

        String directory() {
            return action.directory().toString();
        }

        List<String> outputs() {
            return action.outputs();
        }

        List<EnvironmentVariable> environment() {
            return action.environment();
        }

        String line() {
            return String.join(" ", action.arguments());
        }
    }

    final List<Job> jobs = new ArrayList<>();
    /** What its results turned out to be worth. */
    final List<Verdict> verdicts = new ArrayList<>();

    private final List<LeftAlone> leftAlone = new ArrayList<>();
    private final List<Builder> script;

    /** @param script for the first job, the second, and so on; there must not be more */
    public FakeFarm(Builder... script) {
        this.script = List.of(script);
    }

    /** The compiler ended with 0, said nothing and wrote these files. */
    static Builder writes(Map<String, String> outputs) {
        return says(0, "", "", outputs);
    }

    static Builder says(int code, String stdout, String stderr, Map<String, String> outputs) {
        return sends(
                code,
                stdout,
                stderr,
                outputs.entrySet().stream()
                        .map(output -> new Output(output.getKey(), Bytes.utf8(output.getValue())))
                        .toList());
    }

    static Builder sends(int code, String stdout, String stderr, List<Output> outputs) {
        return (job, gone) -> new ActionResult(
                BUILDER.toString(),
                0,
                code,
                Bytes.utf8(stdout),
                Bytes.utf8(stderr),
                outputs,
                (verdict, reason) -> {},
                () -> {});
    }

    static Builder fails(String message) {
        return (job, gone) -> {
            throw new FarmException(message);
        };
    }

    @Override
    public HttpUrl schedulerUrl() {
        return HttpUrl.parse("http://127.0.0.1:10600");
    }

    @Override
    public boolean isLoggedIn() {
        return true;
    }

    @Override
    public SchedulerStatus status() {
        return new SchedulerStatus(1, 2, 3);
    }

    /** Has the client of this farm leave a builder alone. */
    public FakeFarm leaving(LeftAlone builder) {
        leftAlone.add(builder);
        return this;
    }

    @Override
    public List<LeftAlone> leftAlone() {
        return leftAlone;
    }

    @Override
    public ActionResult execute(Action action, CompletionStage<Void> gone)
            throws FarmException, IOException, InterruptedException {
        Job taken = Job.of(action);
        jobs.add(taken);
        ActionResult result = script.get(jobs.size() - 1).run(taken, gone);
        return result.with((verdict, reason) -> verdicts.add(verdict), result.origin());
    }
}
