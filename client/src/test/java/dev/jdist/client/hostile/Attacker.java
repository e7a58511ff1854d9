package dev.jdist.client.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A toolchain whose gcc does not compile. It tries what a job must not be able to do and writes what came of it into the
 * object file; if the unit says {@code ENDLESS_PLEASE}, it never ends, and neither does a child that left its session.
 */
public final class Attacker {
    private static final String PROGRAM = """
            #define _GNU_SOURCE
            #include <arpa/inet.h>
            #include <fcntl.h>
            #include <sched.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/mount.h>
            #include <sys/stat.h>
            #include <sys/sysmacros.h>
            #include <unistd.h>

            static FILE *report;

            static void say(const char *what, int happened)
            {
                fprintf(report, "%%s: %%s\\n", what, happened ? "yes" : "no");
            }

            static void look(const char *file, const char *prefix, const char *what)
            {
                char line[256];
                FILE *in = fopen(file, "r");
                while (in && fgets(line, sizeof line, in))
                    if (!strncmp(line, prefix, strlen(prefix)))
                        fprintf(report, "%%s: %%s", what, line);
            }

            static int connects(int port)
            {
                struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
                to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                return connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&to, sizeof to) == 0;
            }

            static int interfaces(void)
            {
                char line[1024];
                int count = 0;
                FILE *in = fopen("/proc/net/dev", "r");
                while (in && fgets(line, sizeof line, in))
                    count += strchr(line, ':') != NULL;
                return count;
            }

            static void stay_if_asked(const char *unit)
            {
                char line[4096];
                FILE *in = fopen(unit, "r");
                while (in && fgets(line, sizeof line, in))
                    if (strstr(line, "ENDLESS_PLEASE")) {
                        if (fork() == 0)
                            setsid();
                        for (;;)
                            pause();
                    }
            }

            int main(int count, char **words)
            {
                for (int i = 1; i < count; i++) {
                    stay_if_asked(words[i]);
                    if (!strcmp(words[i], "-o"))
                        report = fopen(words[i + 1], "w");
                }
                if (!report)
                    return 1;
                /* What does not begin as an object is not believed. */
                fputs("\\177ELF\\n", report);
                say("trace of an earlier job", access("/usr/bin/trace", F_OK) == 0 || access("/tmp/trace", F_OK) == 0);
                creat("/tmp/trace", 0777);
                say("toolchain changed for this job", creat("/usr/bin/trace", 0777) >= 0 && !unlink("/usr/bin/gcc"));
                say("file of the host", access("%s", F_OK) == 0);
                say("scheduler on loopback", connects(%d));
                fprintf(report, "network interfaces: %%d\\n", interfaces());
                say("mount", mount("none", "/tmp", "tmpfs", 0, "") == 0);
                say("device", mknod("/tmp/disk", S_IFBLK | 0666, makedev(254, 0)) == 0);
                say("new namespace", unshare(CLONE_NEWUSER) == 0 && unshare(CLONE_NEWNS) == 0);
                look("/proc/self/status", "CapEff", "capabilities");
                look("/proc/self/status", "NoNewPrivs", "privileges");
                if (fork() == 0) {
                    setsid();
                    for (;;)
                        pause();
                }
                return 0;
            }
            """;

    private Attacker() {}

    /** @param secret a file that no job may see; @param port one on loopback that no job may reach */
    public static Path toolchain(Path work, Path secret, int port) throws IOException, InterruptedException {
        Path root = Files.createDirectories(work.resolve("attacker"));
        Files.createDirectories(root.resolve("usr/bin"));
        Files.createDirectories(root.resolve("tmp"));
        Path source = Files.writeString(work.resolve("attacker.c"), PROGRAM.formatted(secret, port));
        Path archive = work.resolve("attacker.tar.gz");
        run("gcc", "-static", "-o", root.resolve("usr/bin/gcc").toString(), source.toString());
        run("tar", "-C", root.toString(), "-czf", archive.toString(), "usr", "tmp");
        return archive;
    }

    private static void run(String... words) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(words).inheritIO().start().waitFor());
    }
}
