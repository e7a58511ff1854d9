package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.HttpUrl;
import java.util.Optional;

/** {@code [jdist] scheduler_pin} in the files of clients and builders. */
final class SchedulerPin {
    static final String KEY = "scheduler_pin";

    static final SettingType<CertificatePin> TYPE =
            SettingType.TEXT.then("`sha256:` and 64 digits", SchedulerPin::parse, SettingType::quote);

    static final String ABSENCE = "as this machine trusts";

    static final String HELP =
            "the key that an `https://` scheduler must have, as `jdist doctor` on its machine shows it; without"
                    + " one, its certificate must have its name and be of an authority that this machine trusts;"
                    + " [see](#https-without-a-web-server)";

    private SchedulerPin() {}

    private static CertificatePin parse(ConfigTable table, String key, String text) throws ConfigException {
        try {
            Origin.File place = new Origin.File(table.file(), table.line(key));
            return CertificatePin.parse(text, "[jdist] " + key + " in " + place);
        } catch (IllegalArgumentException e) {
            throw table.problem(key, "= " + e.getMessage());
        }
    }

    /** Refuses a pin where there is no TLS that could show the key: what is meant to be safe would not be. */
    static void check(ConfigTable root, Optional<HttpUrl> scheduler, Optional<CertificatePin> pin)
            throws ConfigException {
        if (pin.isPresent() && !scheduler.map(HttpUrl::secure).orElse(false)) {
            throw root.table("jdist")
                    .problem(
                            KEY,
                            "is for https, but "
                                    + scheduler
                                            .map(url -> "scheduler_url is " + url)
                                            .orElse("no scheduler_url is set")
                                    + "; write https:// there, or remove " + KEY);
        }
    }
}
