package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.CompilerKind;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Arguments that an option of the driver passes on to another program: clang's inner one, or the preprocessor. */
final class PassedArguments {
    private PassedArguments() {}

    /**
     * Those behind {@code -Xclang}. What follows an argument of a plugin is a value of its own.
     *
     */
    static List<Argument> behindXclang(List<Argument> arguments) {
        OptionTable table = OptionTable.of(CompilerKind.CLANG);
        List<Argument> passed = new ArrayList<>();
        Iterator<String> words = arguments.stream()
                .filter(argument -> argument.has(Trait.XCLANG))
                .map(Argument::value)
                .iterator();
        while (words.hasNext()) {
            String word = words.next();
            Optional<Option> found = table.find(word);
            if (found.isEmpty()) {
                passed.add(Argument.input(word));
                continue;
            }
            Option option = found.get();
            List<String> tokens = new ArrayList<>(List.of(word));
            String value = option.form().joinedValue(option.name(), word);
            boolean isSeparate = word.equals(option.name()) && option.form().mayBeSeparate();
            boolean takesNext = isSeparate || option.traits().contains(Trait.PLUGIN_ARGUMENT);
            if (takesNext && words.hasNext()) {
                value = words.next();
                tokens.add(value);
            }
            passed.add(new Argument(found, value, tokens));
        }
        return passed;
    }

    /**
     * The first argument for the preprocessor that says more than what it includes, where it looks for that, and what it
     * writes into a dependency file. With gcc, the preprocessor is the compiler, so any option can be passed on.
     */
    static Optional<String> problemOfPreprocessor(List<Argument> arguments, CompilerKind kind) {
        OptionTable table = OptionTable.of(kind);
        Iterator<String> words = arguments.stream()
                .filter(argument -> argument.has(Trait.PASSES_ON) && !argument.has(Trait.XCLANG))
                .flatMap(argument -> argument.option().orElseThrow().form() == OptionForm.JOINED_BY_COMMA
                        ? Stream.of(argument.value().split(",", -1))
                        : Stream.of(argument.value()))
                .iterator();
        while (words.hasNext()) {
            String word = words.next();
            Optional<Option> found = table.find(word);
            if (found.isEmpty() || !isForPreprocessor(found.get())) {
                return Optional.of(word);
            }
            Option option = found.get();
            boolean writesFile = option.traits().contains(Trait.DEPENDENCIES_OF_ALL)
                    || option.traits().contains(Trait.DEPENDENCIES_OF_SOME);
            boolean isSeparate = word.equals(option.name()) && option.form().mayBeSeparate();
            if ((writesFile || isSeparate) && words.hasNext()) {
                words.next();
            }
        }
        return Optional.empty();
    }

    private static boolean isForPreprocessor(Option option) {
        return !option.traits().contains(Trait.PASSES_ON)
                && !option.traits().contains(Trait.UNTRACKED)
                && !option.traits().contains(Trait.REFUSED)
                && (option.traits().contains(Trait.MACRO)
                        || option.traits().contains(Trait.PREPROCESSOR)
                        || option.traits().contains(Trait.ABOUT_DEPENDENCIES));
    }
}
