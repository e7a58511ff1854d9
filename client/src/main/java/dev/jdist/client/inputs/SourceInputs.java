package dev.jdist.client.inputs;

import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.unit.CompileTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A unit as the files that somebody wrote, under their own names. A compiler prints about them what it prints here.
 *
 * @param sources that the compile reads, in order. Generated source may name, by {@code #line}, what is not there
 */
record SourceInputs(CompileTask task, Set<Path> sources, FileBaseline before) implements UnitInputs {
    @Override
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>(task.terminalOptions());
        arguments.addAll(task.unit().compileArguments(task.colors()));
        return arguments;
    }

    @Override
    public List<InputFile> files() {
        return sources.stream()
                .filter(Files::isRegularFile)
                .map(source -> new InputFile(source, source))
                .toList();
    }

    /** Nothing stands for them in a key by content: which files a compile reads depends on those that are not there, too. */
    @Override
    public Content read() {
        return new Content() {
            @Override
            public Optional<String> outsideNeed() {
                return Optional.empty();
            }

            @Override
            public Set<Path> sources() {
                return sources;
            }

            @Override
            public Optional<KeyText> keyText() {
                return Optional.empty();
            }
        };
    }

    @Override
    public UnitInputs toSend() {
        return this;
    }

    @Override
    public boolean mayHideMessages() {
        return false;
    }

    @Override
    public boolean areReproducible() {
        return true;
    }

    @Override
    public Optional<UnitInputs> forMessages() {
        return Optional.of(this);
    }

    @Override
    public void close() {}
}
