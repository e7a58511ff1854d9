package dev.jdist.client.login;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.Variable;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.settings.ClientConfig.Auth;
import dev.jdist.protocol.settings.ClientConfig.OAuth;
import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code jdist --dist-auth}: has a person log in with a browser, and keeps the token. */
public final class DistAuth {
    /** Those of sccache: login servers redirect to no addresses but those that were registered with them. */
    private static final List<Integer> PORTS = List.of(12731, 32492, 56909);

    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private final CachedConfig store;
    private final List<Integer> ports;
    private final Duration timeout;
    private final Optional<String> sshConnection;
    private final PrintStream out;
    private final PrintStream err;

    DistAuth(
            CachedConfig store,
            List<Integer> ports,
            Duration timeout,
            Optional<String> sshConnection,
            PrintStream out,
            PrintStream err) {
        this.store = store;
        this.ports = ports;
        this.timeout = timeout;
        this.sshConnection = sshConnection;
        this.out = out;
        this.err = err;
    }

    /** On this process's terminal. */
    public static DistAuth onTerminal(CachedConfig store) {
        return new DistAuth(
                store, PORTS, TIMEOUT, Environment.ofProcess().get(Variable.SSH_CONNECTION), System.out, System.err);
    }

    /** Returns when the token is kept. */
    public void run(OAuth auth) throws LoginException, ConfigException, IOException, InterruptedException {
        // Before anybody types a password: a file that cannot be read cannot be added to.
        store.token(auth.authUrl());
        try (EventLoops loops = EventLoops.start(1);
                HttpClient http = new HttpClient(loops);
                LoginPort port = LoginPort.open(
                        loops,
                        ports,
                        number -> new Login(auth.authUrl().url(), auth.clientId(), grant(auth, http), number))) {
            invite(port.number());
            AccessToken token = await(port.login());
            if (token.isShortLived()) {
                err.println("jdist: Token retrieved expires in under two days");
            }
            store.save(auth.authUrl(), token.secret());
            out.println("Saved token");
        }
    }

    private static Grant grant(OAuth auth, HttpClient http) {
        if (auth instanceof Auth.CodeGrantPkce code) {
            return new Grant.Code(code.clientId(), Pkce.fresh(), new TokenEndpoint(http, code.tokenUrl()));
        }
        return new Grant.Implicit();
    }

    private void invite(int port) {
        out.println("jdist: Please visit http://localhost:" + port + " in your browser");
        // "client port server port"
        sshConnection
                .map(text -> text.split(" "))
                .filter(words -> words.length == 4)
                .ifPresent(words -> out.println("jdist: If the browser is on another machine, first run there: ssh -L "
                        + port + ":localhost:" + port + " " + words[2]));
    }

    private AccessToken await(Login login) throws LoginException, InterruptedException {
        try {
            return login.outcome().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new LoginException(
                    "nobody logged in within " + timeout.toMinutes() + " minutes; run `jdist --dist-auth` again", e);
        } catch (ExecutionException e) {
            throw new LoginException(Reason.of(e), e);
        }
    }
}
