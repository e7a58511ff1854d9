package dev.jdist.client.identity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A shell script that calls a program with its own arguments, and with some that are always the same, and does nothing
 * else. Where that is sure, the program can be taken for the script. Anything that a shell would have to work out (a variable,
 * a condition, a second command) makes it a script that is not understood.
 *
 * @param program as it stands there: a path, or a name to be looked for in {@code PATH}
 * @param before arguments before the script's own
 * @param after arguments behind them
 */
public record WrapperScript(String program, List<String> before, List<String> after) {
    private static final int MAX_BYTES = 16 << 10;

    private static final Pattern FIRST_LINE =
            Pattern.compile("#! *(/\\S*/)?(env +)?(/\\S*/)?(sh|dash|ash|bash)( +-[eu]+)? *");

    /** Changes nothing of what one command does. */
    private static final Pattern SETTING = Pattern.compile("set( +-[eu]+| +-o +pipefail)+");

    /** All commands of a script of Android's NDK. */
    private static final Pattern NDK = Pattern.compile("""
            bin_dir=`dirname "\\$0"`
            if \\[ "\\$1" != "-cc1" ]; then
            "\\$bin_dir/([a-z+]+)" (--target=[-\\w]+) "\\$@"
            else
            "\\$bin_dir/([a-z+]+)" "\\$@"
            fi""");

    /** A word that no shell would make something else of, bare or in quotes; or the script's arguments. */
    private static final Pattern WORD = Pattern.compile(
            "\\s+(?:(?<bare>[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*)|'(?<single>[^']*)'|\"(?<double>[^\"$`\\\\]*)\""
                    + "|(?<arguments>\"\\$@\"|\\$\\{1\\+\"\\$@\"}))(?=\\s|$)");

    /** @return nothing if it is no such script */
    public static Optional<WrapperScript> read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(2);
            if (start.length < 2 || start[0] != '#' || start[1] != '!') {
                return Optional.empty();
            }
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            return Optional.empty();
        }
        String script = "#!" + new String(bytes, StandardCharsets.UTF_8);
        return parse(script).or(() -> ofNdk(file, script));
    }

    /** Android's NDK has one for each target, which calls the clang beside it. */
    private static Optional<WrapperScript> ofNdk(Path file, String script) {
        Matcher matcher = NDK.matcher(String.join("\n", commands(script)));
        return matcher.matches() && matcher.group(1).equals(matcher.group(3))
                ? Optional.of(new WrapperScript(
                        file.resolveSibling(matcher.group(1)).toString(), List.of(matcher.group(2)), List.of()))
                : Optional.empty();
    }

    static Optional<WrapperScript> parse(String script) {
        List<String> commands = commands(script);
        return commands.size() == 1 ? command(" " + commands.get(0)) : Optional.empty();
    }

    /** All commands of a shell script but those that change nothing; none of another file. */
    private static List<String> commands(String script) {
        String[] lines = script.split("\n");
        List<String> commands = new ArrayList<>();
        if (!FIRST_LINE.matcher(lines[0]).matches()) {
            return commands;
        }
        for (int i = 1; i < lines.length; i++) {
            String line = lines[i].strip();
            if (!line.isEmpty()
                    && !line.startsWith("#")
                    && !SETTING.matcher(line).matches()) {
                commands.add(line);
            }
        }
        return commands;
    }

    private static Optional<WrapperScript> command(String line) {
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        boolean argumentsPassed = false;
        Matcher word = WORD.matcher(line);
        int end = 0;
        while (end < line.length()) {
            if (!word.find(end) || word.start() != end) {
                return Optional.empty();
            }
            end = word.end();
            if (word.group("arguments") != null) {
                if (argumentsPassed) {
                    return Optional.empty();
                }
                argumentsPassed = true;
            } else {
                (argumentsPassed ? after : before).add(text(word));
            }
        }
        if (!before.isEmpty() && before.get(0).equals("exec")) {
            before.remove(0);
        }
        boolean callsProgram = !before.isEmpty()
                && !before.get(0).startsWith("-")
                && !before.get(0).contains("=");
        return argumentsPassed && callsProgram
                ? Optional.of(new WrapperScript(
                        before.get(0), List.copyOf(before.subList(1, before.size())), List.copyOf(after)))
                : Optional.empty();
    }

    private static String text(Matcher word) {
        if (word.group("bare") != null) {
            return word.group("bare");
        }
        return word.group("single") != null ? word.group("single") : word.group("double");
    }
}
