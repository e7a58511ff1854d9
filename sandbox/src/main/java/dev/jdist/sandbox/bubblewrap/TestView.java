package dev.jdist.sandbox.bubblewrap;

import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.view.Entries;
import dev.jdist.sandbox.view.FileView;
import dev.jdist.sandbox.view.Node;
import java.util.List;
import java.util.Map;

/** The view of the self-test, which {@code jdist-sandbox viewed} looks at: a file of the lower tree is not in it. */
final class TestView implements FileView {
    static final SandboxCommand COMMAND = new SandboxCommand("/lower/true", List.of("viewed"), Map.of(), "/upper");

    private static final Map<String, Map<String, Node>> DIRECTORIES = Map.of(
            "/", Map.of("lower", new Node.Lower(), "upper", new Node.Directory()),
            "/lower", Map.of("true", new Node.Lower()),
            "/upper", Map.of("link", new Node.SymbolicLink("../lower")));

    @Override
    public Entries entries(String directory, String name) {
        return all(directory);
    }

    @Override
    public Entries all(String directory) {
        return new Entries(true, DIRECTORIES.getOrDefault(directory, Map.of()));
    }

    @Override
    public void fetch(String content) {
        throw new IllegalStateException("no file of this view has a content");
    }
}
