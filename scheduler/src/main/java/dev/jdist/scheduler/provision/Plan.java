package dev.jdist.scheduler.provision;

import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.settings.SettingType;
import dev.jdist.protocol.wire.ServerId;
import java.util.Optional;

/**
 * What is to be done on one machine.
 *
 * @param bySudo whether the scripts there run under sudo
 * @param prefix where the archive is unpacked
 * @param account the user who runs the builder
 * @param systemd whether systemd starts it
 * @param builder the builder's public_addr
 * @param schedulerUrl as the person wrote it, or by the scheduler's public_addr
 * @param schedulerPin the key that the scheduler has; not for a URL of plain http
 * @param settingsDirectory where server.conf is written there
 * @param wasHere whether it was installed in this way before
 */
record Plan(
        Mode mode,
        boolean bySudo,
        String prefix,
        String account,
        boolean systemd,
        ServerId builder,
        String schedulerUrl,
        Optional<CertificatePin> schedulerPin,
        String settingsDirectory,
        boolean wasHere) {
    Plan {
        // A web server before the scheduler may speak plain http, for whatever reason.
        schedulerPin = schedulerPin.filter(pin -> schedulerUrl.startsWith("https:"));
    }

    /** For the person, before anything is changed. */
    String describe(String host, HostReport report, String tokenName, Program program) {
        String rights = mode == Mode.USER ? "without root" : bySudo ? "as root, by sudo" : "as root";
        String service = !systemd
                ? "started once, as no systemd runs there"
                : mode == Mode.USER ? "systemd of the user" : "systemd";
        boolean namespacesForbidden = mode == Mode.SYSTEM && account.equals("root");
        return host + ": " + report.get("arch") + ", " + report.get("system") + ", " + rights
                + "\n  builder    " + builder + ", of the scheduler " + schedulerUrl
                + "\n  token      '" + tokenName + "', for this builder alone"
                + "\n  program    " + program.names() + (mode == Mode.PACKAGE ? "" : ", in " + prefix)
                + "\n  settings   " + settingsDirectory + "/server.conf"
                + "\n  runs as    " + account + (namespacesForbidden ? ", as users cannot make namespaces there" : "")
                + "\n  service    jdist-builder: " + service;
    }

    /** The builder's server.conf. */
    String settings(Secret token) {
        StringBuilder text = new StringBuilder();
        text.append("# Written by jdist builder add, which writes it anew when it is called again.\n");
        text.append("public_addr = ")
                .append(SettingType.quote(builder.toString()))
                .append('\n');
        text.append("scheduler_url = ").append(SettingType.quote(schedulerUrl)).append('\n');
        if (mode != Mode.USER) {
            text.append("cache_dir = \"/var/cache/jdist/toolchains\"\n");
        }
        text.append("\n[builder]\ntype = \"overlay\"\n");
        if (mode != Mode.USER) {
            text.append("build_dir = \"/var/lib/jdist/build\"\n");
        }
        text.append("\n[scheduler_auth]\ntype = \"token\"\n");
        text.append("token = ").append(SettingType.quote(token.value())).append('\n');
        schedulerPin.ifPresent(pin -> text.append("\n[jdist]\nscheduler_pin = ")
                .append(SettingType.quote(pin))
                .append('\n'));
        return text.toString();
    }

    /** What is kept there for the next call, and read by {@code builder-host.sh}. Nothing in it is secret. */
    String record(Program program) {
        return """
                # What jdist builder add did here, for jdist builder remove.
                mode=%s
                prefix=%s
                account=%s
                systemd=%s
                builder=%s
                scheduler_url=%s
                scheduler_pin=%s
                contents=%s
                """.formatted(
                        mode, prefix, account, systemd ? "yes" : "", builder, schedulerUrl, pin(), program.digest());
    }

    /** Whether what is recorded there says the same. */
    boolean isRecorded(HostReport report, Program program) {
        return report.recorded(mode, "builder").equals(builder.toString())
                && report.recorded(mode, "scheduler_url").equals(schedulerUrl)
                && report.recorded(mode, "scheduler_pin").equals(pin())
                && report.recorded(mode, "contents").equals(program.digest());
    }

    private String pin() {
        return schedulerPin.map(CertificatePin::toString).orElse("");
    }
}
