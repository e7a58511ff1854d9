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
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain.h"
#include "daemon.h"
#include "limits.h"
#include "log.h"
#include "message.h"
#include "obey.h"

extern char **environ;

static struct stat self; /* this program's file */
static int is_installed; /* whether it is known where, so that the daemon can be had */

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

/* Whether a path leads to a program, other than this one under another name; `program` says which. */
static int leads_to_program(const char *path, struct stat *program, int *is_own)
{
    *is_own = 0;
    if (stat(path, program) != 0 || !S_ISREG(program->st_mode) || access(path, X_OK) != 0)
        return 0;
    *is_own = is_self(program);
    return !*is_own;
}

/* The path of the entry of PATH at `*rest`, and moves on to the next; false if it is too long to be used. */
static int next_candidate(const char **rest, const char *name, char *candidate)
{
    size_t length = strcspn(*rest, ":");
    int used = snprintf(candidate, PATH_MAX, "%.*s/%s", length == 0 ? 1 : (int)length, length == 0 ? "." : *rest, name);

    *rest = (*rest)[length] == '\0' ? NULL : *rest + length + 1;
    return length < PATH_MAX && used >= 0 && used < PATH_MAX;
}

/*
 * Finds the program that `command` names as the shell would, but never this one under another name, nor, if there is another
 * one, a program that was called on the way here. Where one of those was in the way, the program is called by its path from
 * now on: gcc looks for itself by its name, to find its parts. NULL if there is none; nothing that can fail but that.
 */
static char *find_compiler(char **command, struct stat *program)
{
    static char found[PATH_MAX], candidate[PATH_MAX];
    const char *name = command[0], *rest = setting("PATH", "/usr/local/bin:/usr/bin:/bin");
    int in_the_way = 0, is_own = 0;
    struct stat seen;

    found[0] = '\0';
    if (strchr(name, '/') != NULL) {
        leads_to_program(name, program, &is_own);
        if (!is_own)
            return command[0];
        in_the_way = 1;
        name = base_name(name);
    }
    while (rest != NULL) {
        if (!next_candidate(&rest, name, candidate))
            continue; /* what is left of it may name another program */
        if (!leads_to_program(candidate, &seen, &is_own)) {
            in_the_way |= is_own;
            continue;
        }
        if (found[0] == '\0' || !is_in_chain(&seen)) {
            strcpy(found, candidate);
            *program = seen;
        }
        if (!is_in_chain(&seen))
            break;
        in_the_way = 1;
    }
    if (found[0] == '\0')
        return NULL;
    if (in_the_way)
        command[0] = found;
    return found;
}

static void become(char *executable, char **arguments) __attribute__((noreturn));

/* As a shell would: what has no known format is a script. */
static void become(char *executable, char **arguments)
{
    static char shell[] = "/bin/sh";
    int error;

    pass_chain(NOBODY_WAITS);
    execv(executable, arguments);
    error = errno;
    if (error == ENOEXEC) {
        size_t count = 0;
        char **line;

        while (arguments[count] != NULL)
            count++;
        line = calloc(count + 3, sizeof *line);
        if (line != NULL) {
            line[0] = shell;
            line[1] = executable;
            for (size_t i = 1; i < count; i++)
                line[i + 1] = arguments[i];
            execv(shell, line);
        }
    }
    say("cannot run %s: %s", executable, strerror(error));
    exit(error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
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
               (isatty(STDOUT_FILENO) ? STDOUT_IS_TERMINAL : 0) | (isatty(STDERR_FILENO) ? STDERR_IS_TERMINAL : 0)
                   | (has_own_limits() ? HAS_OWN_LIMITS : 0) | (has_small_files() ? HAS_SMALL_FILES : 0));
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

/* Has the daemon say what to do, and does it; returns if that is to become the compiler. */
static void ask_to_compile(const char *executable, char **command)
{
    int daemon = find_daemon();

    if (daemon < 0)
        return;
    if ((!ask(daemon, executable, command) || !obey(daemon))
        && strcmp(setting("SCCACHE_IGNORE_SERVER_IO_ERROR", ""), "1") == 0)
        say("warning: the daemon did not answer; compiling without it");
    close(daemon);
}

static void compile(char **command) __attribute__((noreturn));

static void compile(char **command)
{
    struct stat program;
    char *executable = find_compiler(command, &program);

    /* The path may lead elsewhere by now. */
    if (executable == NULL || stat(executable, &program) != 0 || is_self(&program)) {
        say("%s: command not found", command[0]);
        exit(NOT_FOUND);
    }
    if (!extend_chain(&program)) {
        say("%s calls jdist, which calls it again, and so on; have it call the compiler", executable);
        exit(NOT_EXECUTABLE);
    }
    if (!is_installed)
        say("/proc is not mounted; compiling without jdist");
    else if (!is_waited_for())
        ask_to_compile(executable, command);
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
    debug("the client daemon's socket is %s", socket_path);
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
    if (daemon < 0)
        debug("no client daemon runs on %s", socket_path);
    if (daemon < 0 && worth_starting) {
        debug("starting a client daemon");
        daemon = start_client_daemon(1, report, sizeof report);
        if (daemon < 0) {
            say("error: no client daemon runs, and none could be started: %s", report);
            exit(CANNOT_START);
        }
    }
    if (daemon >= 0) {
        debug("asking the client daemon on %s", socket_path);
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

/* What this program is, and where it is installed: bin/jdist below `home`. An upgrade may have removed it meanwhile. */
static void find_self(void)
{
    const char *called = (const char *)getauxval(AT_EXECFN);

    is_installed = readlink("/proc/self/exe", home, PATH_MAX - 1) > 0 && stat("/proc/self/exe", &self) == 0;
    if (!is_installed && called != NULL && stat(called, &self) != 0)
        memset(&self, 0, sizeof self);
    for (int level = 0; level < 2 && is_installed; level++) {
        char *slash = strrchr(home, '/');

        if (slash != NULL)
            *slash = '\0';
    }
}

int main(int count, char **words)
{
    static const char *const own_names[] = {"jdist", "sccache", "sccache-dist", NULL};
    static const char *const own_commands[] = {"scheduler", "server", "auth", "token", "builder", "doctor", "config", NULL};
    char *nothing[] = {NULL};

    find_self();
    if (count > 0 && !is_one_of(base_name(words[0]), own_names))
        compile(words);
    if (!is_installed && (count <= 1 || is_one_of(words[1], own_commands) || words[1][0] == '-')) {
        say("error: cannot find myself; is /proc mounted?");
        return CANNOT_START;
    }
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
