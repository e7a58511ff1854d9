package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.wire.IpAddress;
import dev.jdist.protocol.wire.ServerId;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The keys of {@code scheduler.conf}. A new key is one more constant here, as in {@link ServerSettings}. */
public final class SchedulerSettings {
    public static final SettingsFile FILE = new SettingsFile();

    private static final SettingsTable TOP = FILE.top();
    private static final SettingsTable JDIST = TOP.table("jdist");

    public static final Setting<ServerId> PUBLIC_ADDR = TOP.key("public_addr", SettingType.ADDRESS)
            .required("address on which it listens, for clients and builders");

    public static final Setting<Optional<Path>> TOKENS = JDIST.key(
                    "tokens", SettingType.PATH.checked(SchedulerSettings::checkTokens))
            .optional(
                    "none",
                    "a file of [named tokens](#named-tokens), which are good beside what the two tables below say; with"
                            + " it, the tables may be missing");

    public static final Setting<Optional<Set<InetAddress>>> TRUSTED_PROXIES = JDIST.key(
                    "trusted_proxies",
                    SettingType.TEXTS.then(
                            "list of IP addresses", SchedulerSettings::addresses, SchedulerSettings::write))
            .optional("anybody's, as in sccache", "whose `X-Real-IP` is believed");

    public static final Setting<String> TLS = JDIST.key("tls", SettingType.choice("off", "self-signed", "files"))
            .byDefault(
                    "off",
                    "whether it speaks https: with a key and certificate that it makes itself, or with yours;"
                            + " [see](#https-without-a-web-server)");

    public static final Setting<Optional<Path>> TLS_IDENTITY = JDIST.key(
                    "tls_identity", SettingType.PATH.checked(SchedulerSettings::checkAbsolute))
            .onlyWith(TLS, "self-signed")
            .optional(
                    "`scheduler-tls.pem` beside this file; `/var/lib/jdist-scheduler/tls.pem` if this file is in"
                            + " `/etc/jdist`",
                    "the file in which it keeps the key and certificate that it makes");

    public static final Setting<Path> TLS_CERTIFICATE = JDIST.key("tls_certificate", SettingType.PATH)
            .onlyWith(TLS, "files")
            .required("your certificate in PEM form, and below it those that link it with its authority");

    public static final Setting<Path> TLS_KEY = JDIST.key("tls_key", SettingType.PATH)
            .onlyWith(TLS, "files")
            .required("its private key in PEM form, without a password; only the scheduler's user may read it");

    private static final SettingsTable CLIENT_AUTH = TOP.requiredTableUnless(TOKENS, "client_auth");
    private static final SettingsTable SERVER_AUTH = TOP.requiredTableUnless(TOKENS, "server_auth");

    public static final Setting<String> CLIENT_AUTH_TYPE = CLIENT_AUTH
            .key(
                    "type",
                    SettingType.choiceBut(
                            Optional.of("mozilla"),
                            ClientSettings.NO_MOZILLA + "\"token\", \"jwt_validate\" or \"proxy_token\"",
                            "token",
                            "jwt_validate",
                            "proxy_token",
                            "DANGEROUSLY_INSECURE"))
            .required("who may compile: `\"jwt_validate\"` and `\"proxy_token\"` are for people who [log"
                    + " in](#logging-in), `\"DANGEROUSLY_INSECURE\"` for everybody");

    public static final Setting<Secret> CLIENT_TOKEN = CLIENT_AUTH
            .key("token", SettingType.SECRET)
            .inVariant(CLIENT_AUTH_TYPE, "token")
            .required("what all clients show");

    public static final Setting<String> AUDIENCE = CLIENT_AUTH
            .key("audience", SettingType.TEXT)
            .inVariant(CLIENT_AUTH_TYPE, "jwt_validate")
            .required("for whom the login server must have signed");

    public static final Setting<String> ISSUER = CLIENT_AUTH
            .key("issuer", SettingType.TEXT)
            .inVariant(CLIENT_AUTH_TYPE, "jwt_validate")
            .required("who must have signed");

    public static final Setting<HttpUrl> JWKS_URL = CLIENT_AUTH
            .key("jwks_url", SettingType.URL)
            .inVariant(CLIENT_AUTH_TYPE, "jwt_validate")
            .required("where the public keys of the login server are");

    public static final Setting<HttpUrl> PROXY_URL = CLIENT_AUTH
            .key("url", SettingType.URL)
            .inVariant(CLIENT_AUTH_TYPE, "proxy_token")
            .required("the address that says whether a token is good");

    public static final Setting<Optional<Long>> CACHE_SECS = CLIENT_AUTH
            .key("cache_secs", SettingType.NUMBER)
            .inVariant(CLIENT_AUTH_TYPE, "proxy_token")
            .optional("it is asked for every job", "for how many seconds a good answer is remembered");

    public static final Setting<String> SERVER_AUTH_TYPE = SERVER_AUTH
            .key("type", SettingType.choice("token", "jwt_hs256", "DANGEROUSLY_INSECURE"))
            .required("who may be a builder; `\"DANGEROUSLY_INSECURE\"` is for everybody");

    public static final Setting<Secret> SERVER_TOKEN = SERVER_AUTH
            .key("token", SettingType.SECRET)
            .inVariant(SERVER_AUTH_TYPE, "token")
            .required("what all builders show");

    public static final Setting<Secret> SECRET_KEY = SERVER_AUTH
            .key("secret_key", SettingType.SECRET.checked(SchedulerSettings::checkKey))
            .inVariant(SERVER_AUTH_TYPE, "jwt_hs256")
            .required("with which the tokens of builders are signed");

    private SchedulerSettings() {}

    private static Set<InetAddress> addresses(ConfigTable table, String key, List<String> written)
            throws ConfigException {
        Set<InetAddress> addresses = new LinkedHashSet<>();
        for (String address : written) {
            try {
                addresses.add(IpAddress.parse(address));
            } catch (IllegalArgumentException e) {
                throw table.problem(key, "is wrong: " + e.getMessage());
            }
        }
        return addresses;
    }

    private static String write(Set<InetAddress> addresses) {
        return SettingType.quoteAll(
                addresses.stream().map(InetAddress::getHostAddress).toList());
    }

    private static void checkAbsolute(ConfigTable table, String key, Path file) throws ConfigException {
        if (!file.isAbsolute()) {
            throw table.problem(
                    key,
                    "= \"" + file + "\" must begin with /: the scheduler and `jdist token` have to"
                            + " find the same file, wherever they are started");
        }
    }

    private static void checkTokens(ConfigTable table, String key, Path file) throws ConfigException {
        checkAbsolute(table, key, file);
        if (file.toString().endsWith(".json")) {
            throw table.problem(key, "= \"" + file + "\" must not end in .json, as what is written there is TOML");
        }
    }

    private static void checkKey(ConfigTable table, String key, Secret secret) throws ConfigException {
        try {
            if (Base64.getUrlDecoder().decode(secret.value()).length == 32) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the same advice.
        }
        throw table.problem(key, "is not a key of 32 bytes; make one with `jdist auth generate-jwt-hs256-key`");
    }
}
