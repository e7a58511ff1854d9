package dev.jdist.scheduler.cli;

import dev.jdist.protocol.auth.RandomKey;
import dev.jdist.protocol.auth.ServerToken;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.daemon.ExitCode;
import dev.jdist.protocol.daemon.HelpOption;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.settings.SchedulerConfig.ServerAuth;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jdist auth …}: makes the secrets that go into settings files. */
@Command(
        name = "auth",
        description = "Generate authentication tokens",
        subcommands = {AuthCommand.Hs256Key.class, AuthCommand.Hs256ServerToken.class, AuthCommand.SharedToken.class})
public final class AuthCommand implements Callable<Integer> {
    private static final int HS256_KEY_BYTES = 32;

    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "say which kind of token to generate");
    }

    @Command(
            name = "generate-jwt-hs256-key",
            description = "Print a new secret_key for [server_auth] type = \"jwt_hs256\"")
    static final class Hs256Key implements Callable<Integer> {
        @Mixin
        private HelpOption help;

        @Override
        public Integer call() {
            System.out.println(RandomKey.base64Url(HS256_KEY_BYTES).value());
            return ExitCode.OK;
        }
    }

    @Command(
            name = "generate-jwt-hs256-server-token",
            description = "Print the token of one builder for [scheduler_auth] type = \"jwt_token\"")
    static final class Hs256ServerToken implements Callable<Integer> {
        @Mixin
        private HelpOption help;

        @Spec
        private CommandSpec spec;

        @Option(
                names = "--server",
                required = true,
                paramLabel = "SERVER_ADDR",
                description = "the builder's public_addr")
        private String server;

        @ArgGroup(multiplicity = "1")
        private KeySource source;

        static final class KeySource {
            @Option(names = "--secret-key", paramLabel = "KEY", description = "the scheduler's secret_key")
            private String secretKey;

            @Option(
                    names = "--config",
                    paramLabel = "PATH",
                    description = "the scheduler's settings file, to take it from")
            private Path config;
        }

        @Override
        public Integer call() {
            try {
                ServerId id = ServerId.parse(server);
                byte[] key = Base64.getUrlDecoder().decode(key());
                if (key.length != HS256_KEY_BYTES) {
                    throw new IllegalArgumentException("the key has " + key.length + " bytes, not " + HS256_KEY_BYTES);
                }
                System.out.println(ServerToken.jwt(id, Bytes.wrap(key)).value());
                return ExitCode.OK;
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "wrong --server or key: " + e.getMessage(), e);
            } catch (ConfigException e) {
                spec.commandLine().getErr().println("jdist auth: error: " + e.getMessage());
                return ExitCode.CANNOT_START;
            }
        }

        private String key() throws ConfigException {
            if (source.config == null) {
                return source.secretKey;
            }
            if (SchedulerConfig.read(source.config).serverAuth() instanceof ServerAuth.JwtHs256 jwt) {
                return jwt.secretKey().value();
            }
            throw new ConfigException(source.config + ": server_auth is not of type \"jwt_hs256\", so there is no key");
        }
    }

    @Command(name = "generate-shared-token", description = "Print a new token for type = \"token\"")
    static final class SharedToken implements Callable<Integer> {
        @Mixin
        private HelpOption help;

        @Spec
        private CommandSpec spec;

        @Option(
                names = "--bits",
                paramLabel = "BITS",
                defaultValue = "256",
                description = "how much randomness: 64 to 4096, divisible by 8; ${DEFAULT-VALUE} if not given")
        private int bits;

        @Override
        public Integer call() {
            if (bits < 64 || bits > 4096 || bits % 8 != 0) {
                throw new ParameterException(spec.commandLine(), "--bits must be 64 to 4096 and divisible by 8");
            }
            Secret token = RandomKey.base64Url(bits / 8);
            System.out.println(token.value());
            return ExitCode.OK;
        }
    }
}
