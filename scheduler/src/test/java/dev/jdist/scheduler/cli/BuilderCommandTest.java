package dev.jdist.scheduler.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.settings.Machine;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.settings.ServerConfig.SchedulerAuth;
import dev.jdist.protocol.testing.FreePorts;
import dev.jdist.scheduler.auth.TokenFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code jdist builder} with its real script, in a home directory of this machine: a program takes the place of ssh and runs
 * the script as a user who is not root. sudo, systemd and bubblewrap are stubs, so nothing of this machine is changed.
 */
class BuilderCommandTest {
    private static final String SSH = """
            #!/bin/sh
            echo "$*" >>'%1$s/ssh-calls'
            if [ -e '%1$s/ssh-complaint' ]; then
                cat '%1$s/ssh-complaint' >&2
                exit 255
            fi
            while [ $# -gt 0 ]; do
                case $1 in
                    -o) shift 2 ;;
                    -O) exit 0 ;;
                    *) break ;;
                esac
            done
            shift
            unset XDG_RUNTIME_DIR TMPDIR
            export HOME='%1$s/home' PATH="%1$s/bin:$PATH" SSH_CONNECTION='127.0.0.1 1 127.0.0.1 22'
            cd "$HOME"
            [ "$(id -u)" -ne 0 ] || exec setpriv --reuid 65534 --regid 65534 --clear-groups sh -c "$*"
            exec sh -c "$*"
            """;
    private static final String JDIST = """
            #!/bin/sh
            case $1 in
                server)
                    echo "it starts"
                    trap 'kill $!; exit 143' TERM
                    sleep 60 &
                    wait
                    ;;
                doctor) printf 'head\\nfault: it is not well\\n' ;;
            esac
            """;

    @TempDir
    private Path directory;

    private Path home;
    private Path config;
    private Path tokens;
    private Path archive;
    private HttpServer scheduler;
    private ServerSocket builder;
    private int builderPort;
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    @BeforeEach
    void prepare() throws Exception {
        // Another user has to find the script and the home in it.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        home = Files.createDirectory(directory.resolve("home"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path bin = Files.createDirectory(directory.resolve("bin"));
        program(bin.resolve("sudo"), "#!/bin/sh\nexit 1\n");
        program(bin.resolve("loginctl"), "#!/bin/sh\nexit 1\n");
        program(bin.resolve("systemctl"), "#!/bin/sh\ncase \"$*\" in *show*) exit 1 ;; esac\n");
        program(bin.resolve("bwrap"), "#!/bin/sh\n[ \"$1\" != --version ] || echo bubblewrap 0.8.0\n");
        program(directory.resolve("ssh"), SSH.formatted(directory));
        archive = archive("x");
        builderPort = FreePorts.next();
        scheduler = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        scheduler.createContext(
                Endpoints.STATUS, exchange -> answer(exchange, 200, new SchedulerStatus(1, 4, 0).toBincode()));
        scheduler.createContext(Endpoints.SERVER_CERTIFICATE, this::certificate);
        scheduler.start();
        tokens = directory.resolve("tokens");
        config = Files.writeString(
                directory.resolve("scheduler.conf"),
                "public_addr = '" + schedulerAddress() + "' # no double quotes\n[jdist]\ntokens = '" + tokens + "'\n");
    }

    @AfterEach
    void stop() throws IOException {
        scheduler.stop(0);
        if (builder != null) {
            builder.close();
        }
    }

    private static void program(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Path archive(String readme) throws Exception {
        String machine = System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
        String top = "jdist-1-linux-" + machine;
        Path tree = Files.createDirectories(directory.resolve(top));
        Files.createDirectories(tree.resolve("bin"));
        Files.writeString(tree.resolve("README"), readme);
        program(tree.resolve("bin/jdist"), JDIST);
        Path file = directory.resolve(top + ".tar.gz");
        assertEquals(
                0,
                new ProcessBuilder("tar", "-czf", file.toString(), "-C", directory.toString(), top)
                        .start()
                        .waitFor());
        return file;
    }

    private String schedulerAddress() {
        return "127.0.0.1:" + scheduler.getAddress().getPort();
    }

    /** The scheduler counts the builder from when it has settings, and it listens from then on. */
    private void certificate(HttpExchange exchange) throws IOException {
        boolean counted = Files.exists(settings());
        if (counted && builder == null) {
            builder = new ServerSocket(builderPort, 1, InetAddress.getLoopbackAddress());
        }
        answer(exchange, counted ? 200 : 404, new byte[0]);
    }

    private static void answer(HttpExchange exchange, int code, byte[] body) throws IOException {
        exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private Path settings() {
        return home.resolve(".config/jdist/server.conf");
    }

    private int run(String... arguments) {
        out = new StringWriter();
        err = new StringWriter();
        return SchedulerMain.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Stream.concat(Stream.of("builder"), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private int onHost(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of(command, "--config", config.toString()));
        arguments.addAll(List.of("--ssh", directory.resolve("ssh").toString(), "--port", "" + builderPort));
        arguments.addAll(List.of("--name", "dell"));
        arguments.addAll(List.of(more));
        arguments.add("bob@dell");
        return run(arguments.toArray(String[]::new));
    }

    private int add(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--archive", archive.toString(), "--user"));
        arguments.addAll(List.of("--scheduler-url", "http://" + schedulerAddress()));
        arguments.addAll(List.of(more));
        return onHost("add", arguments.toArray(String[]::new));
    }

    private void fails(int code, String complaint, int outcome) {
        assertEquals(code, outcome, out + "" + err);
        assertTrue(err.toString().contains("jdist builder: error: "), err.toString());
        assertTrue(err.toString().contains(complaint), err.toString());
    }

    private void hasNothing() throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            assertEquals(List.of(), files.toList());
        }
        assertFalse(Files.exists(tokens) && Files.readString(tokens).contains("dell"));
    }

    @Test
    void add_dryRunWithSettingsInSingleQuotes_showsThePlanAndChangesNothing() throws Exception {
        assertEquals(0, add("--dry-run"), err.toString());

        assertTrue(
                out.toString().contains("  builder    127.0.0.1:" + builderPort + ", of the scheduler http://"),
                out.toString());
        assertTrue(out.toString().contains(", without root\n"), out.toString());
        assertTrue(out.toString().endsWith("nothing was changed, as this is a dry run\n"), out.toString());
        hasNothing();
    }

    @Test
    void add_thenAgainThenRemove_leavesNothing() throws Exception {
        assertEquals(0, add(), out + "" + err);
        String name = "127.0.0.1:" + builderPort;
        assertTrue(
                out.toString()
                        .endsWith("bob@dell is the builder " + name
                                + " now, and the scheduler counts it: 1 builders, 4 CPUs\n"),
                out.toString());
        assertTrue(out.toString().contains("note: no systemd runs there"), out.toString());
        ServerConfig written = readSettings();
        assertEquals(name, written.publicAddr().toString());
        String token = ((SchedulerAuth.Token) written.schedulerAuth()).token().value();
        assertEquals(
                name,
                new TokenFile(tokens)
                                .read()
                                .match(token)
                                .orElseThrow()
                                .address()
                                .orElseThrow() + "");
        assertFalse(Files.readString(directory.resolve("ssh-calls")).contains(token));
        assertFalse(out.toString().contains(token));

        assertEquals(0, add(), out + "" + err);
        assertTrue(
                out.toString().contains("already, and the scheduler counts it (1 builders, 4 CPUs)"), out.toString());

        archive = archive("another");
        assertEquals(0, add(), out + "" + err);
        assertTrue(out.toString().contains(" now, and the scheduler counts it"), out.toString());
        assertTrue(new TokenFile(tokens).read().match(token).isEmpty());

        assertEquals(0, onHost("remove", "--dry-run"), out + "" + err);
        assertTrue(out.toString().contains("would be stopped and removed from bob@dell"), out.toString());
        assertTrue(Files.exists(home.resolve(".local/share/jdist/bin/jdist")));

        assertEquals(0, onHost("remove"), out + "" + err);
        assertTrue(out.toString().contains("is no builder any more, and its token is revoked"), out.toString());
        hasNothing();

        assertEquals(0, onHost("remove"), out + "" + err);
        assertTrue(out.toString().contains("is no builder that jdist builder made"), out.toString());
    }

    /** Only its user can read it: the test may be another one. */
    private ServerConfig readSettings() throws Exception {
        Path copy = directory.resolve("server.conf");
        try (var in = new ProcessBuilder(directory.resolve("ssh").toString(), "bob@dell", "cat " + settings())
                .start()
                .getInputStream()) {
            Files.write(copy, in.readAllBytes());
        }
        return ServerConfig.read(copy, new Machine(false, new Environment(Map.of("HOME", home.toString()))));
    }

    @Test
    void add_installationFails_isTakenBackAndItsTokenRevoked() throws Exception {
        Files.writeString(home.resolve(".local"), "a file where a directory has to be");

        fails(1, "bob@dell could not be set up, and was left as it was before; its token was revoked", add());

        Files.delete(home.resolve(".local"));
        hasNothing();
    }

    @Test
    void add_builderThatIsNotCounted_showsItsLogAndDoctor() throws Exception {
        scheduler.removeContext(Endpoints.SERVER_CERTIFICATE);

        fails(1, "and the scheduler does not count it after 1 s. Mend what is said above", add("--wait", "1"));

        assertTrue(err.toString().contains("    it starts\n"), err.toString());
        assertTrue(err.toString().contains("    fault: it is not well\n"), err.toString());
        assertEquals(0, onHost("remove"), err.toString());
        hasNothing();
    }

    @Test
    void add_sshThatCannotLogIn_saysWhatToDo() throws Exception {
        Path complaint = directory.resolve("ssh-complaint");
        Files.writeString(complaint, "bob@dell: Permission denied (publickey,password).\n");
        fails(1, "asks for the password this once: ssh-copy-id bob@dell", add());

        Files.writeString(complaint, "Host key verification failed.\r\n");
        fails(1, "Call ssh bob@dell once and compare its key. Nothing was changed.", add());

        Files.writeString(complaint, "\u001b[31mNo route to host\n\n");
        fails(1, "ssh bob@dell does not work: [31mNo route to host. Nothing was changed.", add());

        fails(1, "/nowhere/ssh cannot be run", add("--ssh", "/nowhere/ssh"));
        hasNothing();
    }

    @Test
    void add_schedulerThatCannotBeUsed_saysWhatToDo() throws Exception {
        String loopback = "can be reached by this machine alone; write its own address there";
        fails(1, loopback, onHost("add", "--archive", archive.toString()));

        Path missing = directory.resolve("none.conf");
        fails(2, missing + ": there is no such file", add("--config", missing.toString()));

        Path plain = Files.writeString(
                directory.resolve("plain.conf"),
                Files.readString(config).replaceAll("(?s)\\[jdist].*", "")
                        + "[client_auth]\ntype = \"token\"\ntoken = \"x\"\n[server_auth]\ntype = \"token\"\ntoken = \"x\"\n");
        fails(2, plain + ": names no file of tokens; write [jdist]", add("--config", plain.toString()));

        scheduler.stop(0);
        fails(1, "no scheduler answers at " + schedulerAddress() + "; start it first, with " + config, add());
        hasNothing();
    }

    @Test
    void add_archiveThatIsNone_isRefused() throws Exception {
        fails(1, "there is no archive /nowhere.tar.gz", add("--archive", "/nowhere.tar.gz"));
        fails(1, config + " is not a .tar.gz", add("--archive", config.toString()));
        fails(
                1,
                "there is no package /nowhere_all.deb",
                onHost("add", "--scheduler-url", "http://x", "--package", "/nowhere_all.deb"));
        hasNothing();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "builder | say what to do: add or remove",
                "builder add | Missing required parameter: '[USER@]HOST'",
                "builder add a b | Unmatched argument at index 3: 'b'",
                "builder add --adress 1 a | Unknown option",
                "builder add --port | Missing required parameter for option '--port'",
                "builder add --port 70000 a | --port 70000 is not a port",
                "builder add --port x a | Invalid value for option '--port'",
                "builder add --address dell.lan a | --address dell.lan is not an IP address",
                "builder add --address 1.2.3 a | --address 1.2.3 is not an IP address",
                "builder add --prefix opt/jdist a | has to begin with /",
                "builder add --prefix /opt a | more than a directory of the system",
                "builder add --prefix /opt/./ a | cannot be used as a path",
                "builder add --prefix /opt/. a | more than a directory of the system",
                "builder add --prefix /opt/x/.. a | cannot be used as a path",
                "builder add --prefix /opt/j;dist a | cannot be used as a path",
                "builder add --scheduler-url ftp://x a | must start with http:// or https://",
                "builder add --scheduler-url http://x\"y a | is not a URL",
                "builder add --wait 0 a | --wait 0 is not between 1 and 86400",
                "builder add --name -x a | \"-x\" is not a valid name of a token",
                "builder add --name a/b a | is not a valid name of a token",
                "builder add --archive a --package b c | --archive and --package: one of the two",
                "builder add -- -oProxyCommand=x | is not a machine; write [USER@]HOST",
                "builder remove | Missing required parameter: '[USER@]HOST'",
                "builder remove --wait 5 a | Unknown option",
            })
    void anyCommand_wrongly_isAUsageError(String line, String complaint) {
        String[] arguments = line.split(" ");

        assertEquals(2, run(List.of(arguments).subList(1, arguments.length).toArray(String[]::new)));
        assertTrue(err.toString().contains(complaint), err.toString());
    }
}
