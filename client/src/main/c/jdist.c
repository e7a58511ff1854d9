/*
 * jdist: the command that people and build tools call.
 *
 * A compile must not cost a JVM. This program hands compiler commands to the client daemon over a Unix socket and obeys
 * its answer; whatever goes wrong on the way, it becomes the compiler, so that no build fails because of jdist. What the
 * daemon wants run on this machine is a child of this process: Ctrl-C, resource limits, cgroups and make's jobserver
 * work as if jdist were not there. Daemons and everything else that is not a compile are left to Java.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"
#include "message.h"
#include "obey.h"

extern char **environ;

static struct stat self; /* this program's file */

static int is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return 1;
    return 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static int is_self(const struct stat *file)
{
    return file->st_dev == self.st_dev && file->st_ino == self.st_ino;
}

/*
 * Finds the program that `command` names as the shell would, but never this one under another name. Where that one was in
 * the way, the program is called by its path from now on: gcc looks for itself by its name, to find its parts.
 */
static char *find_compiler(char **command)
{
    char *path = must(strdup(setting("PATH", "/usr/local/bin:/usr/bin:/bin")));
    const char *name = command[0];
    char candidate[PATH_MAX], *found = NULL;
    int in_the_way = 0;
    struct stat file;

    if (strchr(name, '/') != NULL) {
        in_the_way = stat(name, &file) == 0 && is_self(&file);
        if (in_the_way)
            name = base_name(name);
        else
            found = must(strdup(name));
    }
    for (char *rest = path, *directory; found == NULL && (directory = strsep(&rest, ":")) != NULL;) {
        int length = snprintf(candidate, sizeof candidate, "%s/%s", *directory == '\0' ? "." : directory, name);

        if (length < 0 || (size_t)length >= sizeof candidate) /* what is left of it may name another program */
            continue;
        if (stat(candidate, &file) != 0 || !S_ISREG(file.st_mode) || access(candidate, X_OK) != 0)
            continue;
        if (is_self(&file))
            in_the_way = 1;
        else
            found = must(strdup(candidate));
    }
    free(path);
    if (in_the_way && found != NULL)
        command[0] = found;
    return found;
}

static void become(const char *executable, char **arguments)
{
    execv(executable, arguments);
    say("cannot run %s: %s", executable, strerror(errno));
    exit(errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

/* Where diagnostics go to a terminal, its width as gcc takes it: that of standard input. 0 for none. */
static uint32_t columns(void)
{
    struct winsize size;

    return isatty(STDERR_FILENO) && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Sends a request; false if the daemon is gone. An empty executable means a question to the daemon itself. */
static int ask(int daemon, const char *executable, char **arguments)
{
    struct message request = begin_message(REQUEST);
    char cwd[PATH_MAX];

    if (getcwd(cwd, sizeof cwd) == NULL)
        return 0;
    put_number(&request, PROTOCOL_VERSION);
    put_number(&request,
               (isatty(STDOUT_FILENO) ? STDOUT_IS_TERMINAL : 0) | (isatty(STDERR_FILENO) ? STDERR_IS_TERMINAL : 0));
    put_number(&request, columns());
    put_string(&request, cwd);
    put_string(&request, executable);
    put_list(&request, arguments);
    put_list(&request, environ);
    put_string(&request, own_view());
    return send_message(daemon, &request);
}

static int find_daemon(void)
{
    char report[4096];
    int daemon;

    if (!find_socket()) {
        say("%s; compiling without jdist", socket_problem);
        return -1;
    }
    daemon = connect_to_daemon();
    if (daemon < 0) {
        daemon = start_client_daemon(0, report, sizeof report);
        if (daemon < 0 && report[0] != '\0')
            say("%s; compiling without jdist", report);
    }
    return daemon;
}

static void compile(char **command)
{
    char *executable = find_compiler(command);
    int daemon;

    if (executable == NULL || access(executable, F_OK) != 0) {
        say("%s: command not found", command[0]);
        exit(NOT_FOUND);
    }
    daemon = find_daemon();
    if (daemon >= 0) {
        if ((!ask(daemon, executable, command) || !obey(daemon))
            && strcmp(setting("SCCACHE_IGNORE_SERVER_IO_ERROR", ""), "1") == 0)
            say("warning: the daemon did not answer; compiling without it");
        close(daemon);
    }
    become(executable, command);
}

static void start_server(void)
{
    char report[4096];
    int daemon;

    puts("jdist: Starting the server...");
    fflush(stdout);
    if (!find_socket()) {
        say("error: Server startup failed: %s", socket_problem);
        exit(CANNOT_START);
    }
    daemon = connect_to_daemon();
    if (daemon >= 0) {
        say("error: Server startup failed: Address in use: a daemon runs on %s already", socket_path);
        exit(CANNOT_START);
    }
    if (start_client_daemon(1, report, sizeof report) < 0) {
        say("error: Server startup failed: %s", report);
        exit(CANNOT_START);
    }
    printf("jdist: Listening on address %s\n", socket_path);
    exit(0);
}

/* SCCACHE_START_SERVER=1: somebody else than a launcher starts the daemon, and may wait for its word. */
static void be_client_daemon(void)
{
    int has_place = find_socket();
    char *arguments[] = {"--daemon", has_place ? socket_path : "", "--view", own_view(), NULL, NULL, NULL};
    char report[4096];
    pid_t pid;

    if (!has_place) /* the starter hears of it by Java */
        say("%s", socket_problem);
    make_absolute("SCCACHE_STARTUP_NOTIFY");
    arguments[5] = (char *)setting("SCCACHE_STARTUP_NOTIFY", NULL);
    if (arguments[5] != NULL)
        arguments[4] = "--startup-notify";
    if (stays_in_foreground())
        become_java("client", "384m", "", arguments);
    if (!start_in_background("client", "384m", arguments, &pid, report, sizeof report)) {
        say("error: Server startup failed: %s", report);
        exit(CANNOT_START);
    }
    exit(0);
}

static void scheduler(char **arguments)
{
    int configured = 0, count = 0;
    char report[4096];
    pid_t pid;

    for (; arguments[count] != NULL; count++) {
        char *absolute = realpath(arguments[count], NULL);

        /* In the background it runs in the root directory, from where a relative path leads elsewhere. */
        if (count > 0 && strcmp(arguments[count - 1], "--config") == 0) {
            configured = 1;
            if (absolute != NULL)
                arguments[count] = absolute;
        }
    }
    /* With --help, or without what it needs, it has something to say on this terminal. */
    if (stays_in_foreground() || !configured || count % 2 == 0)
        become_java("scheduler", "256m", "", arguments);
    if (!start_in_background("scheduler", "256m", arguments, &pid, report, sizeof report)) {
        fprintf(stderr, "jdist scheduler: error: %s\n", report);
        exit(CANNOT_START);
    }
    printf("jdist scheduler: listening on %s, process %ld\n", report, (long)pid);
    exit(0);
}

/*
 * A builder mounts things. In a mount namespace of its own these go away with it, however it ends; without the right to
 * make one, the builder finds out what it can do instead.
 */
static void server(char **arguments)
{
    int private_mounts = unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0;

    become_java("builder", "512m", private_mounts ? "-Djdist.private-mounts=true" : "", arguments);
}

/* Asks the client daemon, if it runs or if the question is worth starting it; returns if there is none to ask. */
static void ask_daemon(char **arguments, int worth_starting)
{
    char report[4096];
    int daemon;

    if (!find_socket()) {
        say("error: %s", socket_problem);
        exit(CANNOT_START);
    }
    daemon = connect_to_daemon();
    if (daemon < 0 && worth_starting) {
        daemon = start_client_daemon(1, report, sizeof report);
        if (daemon < 0) {
            say("error: no client daemon runs, and none could be started: %s", report);
            exit(CANNOT_START);
        }
    }
    if (daemon >= 0) {
        if (ask(daemon, "", arguments))
            obey(daemon);
        say("error: the daemon ended before it answered");
        exit(1);
    }
}

static void options(char **arguments)
{
    static const char *const about_it[] = {"--show-stats", "-s", "--show-adv-stats", "--stop-server", NULL};
    static const char *const to_it[] = {"--zero-stats", "-z", "--dist-status", NULL};

    if (strcmp(arguments[0], "--version") == 0 || strcmp(arguments[0], "-V") == 0) {
        puts("jdist " JDIST_VERSION);
        exit(0);
    }
    if (strcmp(arguments[0], "--start-server") == 0 && arguments[1] == NULL)
        start_server();
    for (char **word = arguments; *word != NULL; word++) {
        if (is_one_of(*word, about_it) || is_one_of(*word, to_it)) {
            ask_daemon(arguments, is_one_of(*word, to_it));
            break;
        }
    }
    become_java("client", "256m", "", arguments);
}

int main(int count, char **words)
{
    static const char *const own_names[] = {"jdist", "sccache", "sccache-dist", NULL};
    char *nothing[] = {NULL};

    if (readlink("/proc/self/exe", home, PATH_MAX - 1) < 0 || stat(home, &self) != 0) {
        say("cannot find myself; is /proc mounted?");
        return CANNOT_START;
    }
    *strrchr(home, '/') = '\0'; /* .../bin */
    if (strrchr(home, '/') != NULL)
        *strrchr(home, '/') = '\0';

    if (count > 0 && !is_one_of(base_name(words[0]), own_names))
        compile(words);
    if (count <= 1 && strcmp(setting("SCCACHE_START_SERVER", ""), "1") == 0)
        be_client_daemon();
    if (count <= 1)
        become_java("client", "256m", "", nothing);
    if (strcmp(words[1], "scheduler") == 0)
        scheduler(words + 1);
    if (strcmp(words[1], "server") == 0)
        server(words + 1);
    if (strcmp(words[1], "auth") == 0 || strcmp(words[1], "token") == 0 || strcmp(words[1], "builder") == 0)
        become_java("scheduler", "128m", "", words + 1);
    if (strcmp(words[1], "doctor") == 0 || strcmp(words[1], "config") == 0)
        become_java("client", "256m", "", words + 1);
    if (words[1][0] == '-')
        options(words + 1);
    compile(words + 1);
}
