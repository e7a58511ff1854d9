/*
 * jdist-sandbox: does for a builder what Java cannot do in its own process.
 *
 *   jdist-sandbox run BUILDER LOWER UPPER WORK TARGET -- PROGRAM ARGUMENT...
 *       In a mount namespace of its own, lays UPPER over LOWER at TARGET, and runs PROGRAM (bubblewrap), which makes
 *       TARGET its root. WORK must be empty. Ends as PROGRAM does (128 plus the signal's number if one ended it), and not before the last
 *       process of the job is gone: whoever sees it end may look at UPPER without fear that somebody changes it. SIGTERM
 *       kills the job, and so does the death of the caller, whose process id is BUILDER.
 *
 *   jdist-sandbox run-rootless BUILDER LOWER UPPER WORK TARGET -- PROGRAM ARGUMENT...
 *       The same without the right to mount: in a user namespace of its own, in which the caller stays who it is.
 *
 *   jdist-sandbox run-private BUILDER -- PROGRAM ARGUMENT...
 *       The same, but PROGRAM is left to make the root of the job by itself, in a mount namespace where /dev is read-only.
 *
 *   jdist-sandbox run-bare BUILDER -- PROGRAM ARGUMENT...
 *       The same where there are no namespaces to be had but for PROGRAM.
 *
 *   Each of them takes `--users USER` behind BUILDER: the user of jobs, who is another than this one, which is root. See users.c.
 *
 *   jdist-sandbox confine [OPTION VALUE]... -- PROGRAM ARGUMENT...
 *       Becomes PROGRAM, within limits; see confine.c.
 *
 *   jdist-sandbox scratch DIRECTORY
 *       Mounts a tmpfs on DIRECTORY in the caller's own mount namespace.
 *
 *   jdist-sandbox serve
 *       As the first process of a container, does what a builder asks for on standard input; see serve.c.
 *
 *   jdist-sandbox await [view] [USER]
 *       As the first process of a sandbox, becomes USER, waits for what a builder asks for on standard input, and runs one
 *       command as the last of it; see serve.c. If it can show a view, it has what that takes: see view.c.
 *
 *   jdist-sandbox true
 *       Does nothing and succeeds: what the builder's self-test runs inside a sandbox without a filter.
 *
 *   jdist-sandbox filtered
 *       Succeeds if a filter of system calls is in force: what it runs inside the others.
 *
 *   jdist-sandbox viewed
 *       Succeeds if a view is shown, too: what it runs under one.
 *
 *   jdist-sandbox filter MACHINE
 *   jdist-sandbox view-filter MACHINE
 *       Prints the filter for x86_64 or aarch64, or that for commands under a view; see filter.c.
 *
 * Exit status 125 means that this program failed; it says why on standard error, in one line that begins with its name
 * and ends with the name of the errno.
 */
#include "confine.h"
#include "filter.h"
#include "serve.h"
#include "users.h"
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OWN_FAILURE = 125, SIGNALLED = 128, SESSION_ATTEMPTS = 100 };

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char *format, ...)
{
    int error = errno;
    char what[4096];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    fprintf(stderr, "jdist-sandbox: %s: %s\n", what, strerror(error));
    exit(OWN_FAILURE);
}

/* An overlay option separates paths by ':' and options by ','; a backslash takes their meaning away. */
static size_t append_escaped(char *options, size_t used, size_t size, const char *path)
{
    for (; *path != '\0'; path++) {
        if (used + 3 > size) {
            errno = ENAMETOOLONG;
            fail("overlay options");
        }
        if (*path == ':' || *path == ',' || *path == '\\')
            options[used++] = '\\';
        options[used++] = *path;
    }
    options[used] = '\0';
    return used;
}

static size_t append(char *options, size_t used, size_t size, const char *text)
{
    size_t length = strlen(text);

    if (used + length + 1 > size) {
        errno = ENAMETOOLONG;
        fail("overlay options");
    }
    memcpy(options + used, text, length + 1);
    return used + length;
}

/* Extra: more options, each with a comma before it. */
static void mount_overlay(const char *lower, const char *upper, const char *work, const char *target, const char *extra)
{
    char options[4096]; /* the kernel takes one page */
    size_t used = 0;

    used = append(options, used, sizeof options, "lowerdir=");
    used = append_escaped(options, used, sizeof options, lower);
    used = append(options, used, sizeof options, ",upperdir=");
    used = append_escaped(options, used, sizeof options, upper);
    used = append(options, used, sizeof options, ",workdir=");
    used = append_escaped(options, used, sizeof options, work);
    used = append(options, used, sizeof options, extra);
    /* Without this (Linux 5.10), each job ends with a sync of the file system that has its files. */
    append(options, used, sizeof options, ",volatile");
    if (mount("overlay", target, "overlay", MS_NODEV | MS_NOSUID, options) == 0)
        return;
    options[used] = '\0';
    if (errno != EINVAL || mount("overlay", target, "overlay", MS_NODEV | MS_NOSUID, options) != 0)
        fail("cannot mount an overlay on %s", target);
}

static void write_to(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void write_to(const char *path, const char *format, ...)
{
    char text[64];
    va_list arguments;
    int file = open(path, O_WRONLY | O_CLOEXEC), length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (file < 0 || write(file, text, (size_t)length) != length || close(file) != 0)
        fail("cannot write %s", path);
}

/* The user of jobs, if it is not this process's. */
static uid_t jobs;

/* A user namespace that has the user of jobs, too, which is for root alone to make. */
static void enter_users(void)
{
    const char *what = "";
    int namespace = users_open(jobs, &what);

    if (namespace < 0)
        fail("cannot %s %u", what, (unsigned)jobs);
    if (setns(namespace, CLONE_NEWUSER) != 0 || close(namespace) != 0)
        fail("cannot enter a user namespace");
}

/*
 * A user namespace in which this process has all capabilities and its one user and group are called what they are
 * outside. They are lost when the user, unless it is root, runs another program.
 */
static void enter_user_namespace(void)
{
    unsigned user = geteuid(), group = getegid();

    if (jobs != 0) {
        enter_users();
        return;
    }
    if (unshare(CLONE_NEWUSER) != 0)
        fail("cannot make a user namespace");
    write_to("/proc/self/setgroups", "deny");
    write_to("/proc/self/uid_map", "%u %u 1\n", user, user);
    write_to("/proc/self/gid_map", "%u %u 1\n", group, group);
}

static void enter_mount_namespace(void)
{
    if (unshare(CLONE_NEWNS) != 0)
        fail("cannot make a mount namespace");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        fail("cannot make mounts private");
}

static int make_read_only(const char *path)
{
    struct { uint64_t set, clear, propagation, user_namespace; } attributes = {.set = 1 /* MOUNT_ATTR_RDONLY */};

    if (syscall(442 /* mount_setattr, the same everywhere */, AT_FDCWD, path, 0x8000 /* AT_RECURSIVE */, &attributes,
                sizeof attributes) == 0)
        return 0;
    /* Linux 5.12 has it. */
    return errno == ENOSYS ? mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, NULL) : -1;
}

/*
 * A job of root is, to the devices in /dev, which bubblewrap takes from the machine's, their owner, and needs no capability
 * to change their modes; and anybody may set the times of a device that anybody may write to. On a mount that is read-only
 * neither works. Devices themselves can be written to all the same.
 */
static void protect_machine(void)
{
    if (make_read_only("/dev") != 0 && errno != EINVAL) /* which says that it is no mount */
        fail("cannot protect /dev");
}

/* What `run` and its kin do to make the root of the job, given the four paths. */
static void mount_as_root(char **paths)
{
    enter_mount_namespace();
    protect_machine();
    mount_overlay(paths[0], paths[1], paths[2], paths[3], "");
}

static void mount_rootless(char **paths)
{
    enter_user_namespace();
    enter_mount_namespace();
    protect_machine();
    /* Whiteouts and their like are marked in user.*, as trusted.* takes a capability in the first user namespace. */
    mount_overlay(paths[0], paths[1], paths[2], paths[3], ",userxattr");
}

static void mount_devices(char **paths)
{
    (void)paths;
    if (geteuid() != 0)
        enter_user_namespace();
    enter_mount_namespace();
    protect_machine();
}

static void mount_nothing(char **paths)
{
    (void)paths;
}

static void forbid_core_dumps(void)
{
    const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) != 0)
        fail("cannot set a resource limit");
}

static void end_with(pid_t parent, int signal)
{
    if (prctl(PR_SET_PDEATHSIG, signal) != 0)
        fail("cannot tie the job to the builder");
    if (getppid() != parent) {
        errno = ESRCH; /* it died before the line above */
        fail("process %ld is not my parent", (long)parent);
    }
}

static void become(char **command, pid_t parent, const sigset_t *signals)
{
    end_with(parent, SIGKILL);
    /* No terminal, and a session that can stand back behind the others; see confine.c. */
    if (setsid() < 0)
        fail("cannot make a session");
    sigprocmask(SIG_SETMASK, signals, NULL);
    forbid_core_dumps();
    umask(022);
    execv(command[0], command);
    fail("cannot run %s", command[0]);
}

static void kill_children(void)
{
    FILE *children = fopen("/proc/thread-self/children", "r");
    long child;

    if (children == NULL)
        return;
    while (fscanf(children, "%ld", &child) == 1)
        kill((pid_t)child, SIGKILL);
    fclose(children);
}

/* Whether the session of the job stands back as far as it is going to. */
static int session_is_settled(pid_t leader)
{
    /* Only then has it been told how far. */
    if (getsid(leader) != leader || getpriority(PRIO_PROCESS, (id_t)leader) <= getpriority(PRIO_PROCESS, 0))
        return 0;
    return sink_session(leader);
}

/*
 * Waits until there is no process of the job any more, and returns how the first ended. That is bubblewrap, which waits
 * for the init of the job's process namespace; and that has ended only when all others of its namespace have. If
 * bubblewrap is killed, its init mostly dies with it; but if that was before the init asked to, it becomes a child of this
 * process, and somebody else has to see to it.
 */
static int wait_for_all(pid_t first, const sigset_t *signals)
{
    const struct timespec pause = {.tv_nsec = 100000000};
    int first_status = 0;
    int over = 0, attempts = SESSION_ATTEMPTS;

    for (;;) {
        int status, received;
        pid_t ended = waitpid(-1, &status, WNOHANG);

        if (ended == first) {
            first_status = status;
            over = 1;
        } else if (ended < 0 && errno == ECHILD) {
            break;
        } else if (ended == 0) {
            if (over)
                kill_children();
            received = over || attempts == 0 ? sigwaitinfo(signals, NULL) : sigtimedwait(signals, NULL, &pause);
            if (received < 0 && errno == EAGAIN)
                attempts = session_is_settled(first) ? 0 : attempts - 1;
            if (received == SIGTERM) {
                kill_children();
                over = 1;
            }
        }
    }
    return WIFEXITED(first_status) ? WEXITSTATUS(first_status) : SIGNALLED + WTERMSIG(first_status);
}

static int run(void (*make_root)(char **), char **paths, char **command, pid_t builder)
{
    sigset_t awaited, before;
    pid_t self = getpid(), child;

    /*
     * Not SIGKILL: bubblewrap's init asks to die with its parent some time after it was made, and would outlive both if they
     * were killed before. Somebody has to be left who sees to it.
     */
    signal(SIGTERM, SIG_DFL); /* who started the builder may have had both ignored: they would not come then */
    signal(SIGCHLD, SIG_DFL);
    end_with(builder, SIGTERM);
    make_root(paths);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        fail("cannot become the parent of orphaned processes");
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGTERM);
    sigaddset(&awaited, SIGCHLD);
    sigprocmask(SIG_BLOCK, &awaited, &before);
    child = fork();
    if (child < 0)
        fail("cannot fork");
    if (child == 0)
        become(command, self, &before);
    return wait_for_all(child, &awaited);
}

static int scratch(const char *directory)
{
    if (mount("jdist-scratch", directory, "tmpfs", MS_NODEV | MS_NOSUID, "mode=0700") != 0)
        fail("cannot mount a tmpfs on %s", directory);
    return 0;
}

int main(int count, char **words)
{
    if (count > 5 && strncmp(words[1], "run", 3) == 0 && strcmp(words[3], "--users") == 0) {
        jobs = (uid_t)strtoul(words[4], NULL, 10);
        words[4] = words[2];
        words[3] = words[1];
        words += 2;
        count -= 2;
    }
    if (count == 2 && strcmp(words[1], "true") == 0)
        return 0;
    if (count == 2 && strcmp(words[1], "filtered") == 0)
        return filter_prove();
    if (count == 3 && strcmp(words[1], "filter") == 0)
        return filter_print(words[2], 0);
    if (count == 3 && strcmp(words[1], "view-filter") == 0)
        return filter_print(words[2], 1);
    if (count == 2 && strcmp(words[1], "viewed") == 0)
        return filter_prove() == 0 ? view_prove() : 1;
    if (count == 2 && strcmp(words[1], "serve") == 0)
        return serve();
    if ((count == 3 || count == 4) && strcmp(words[1], "await") == 0 && strcmp(words[2], "view") == 0)
        return await_command(words[3], 1);
    if ((count == 2 || count == 3) && strcmp(words[1], "await") == 0)
        return await_command(words[2], 0);
    if (count > 2 && strcmp(words[1], "confine") == 0)
        return confine(words + 2);
    if (count == 3 && strcmp(words[1], "scratch") == 0)
        return scratch(words[2]);
    if (count >= 9 && strcmp(words[1], "run") == 0 && strcmp(words[7], "--") == 0)
        return run(mount_as_root, words + 3, words + 8, (pid_t)strtol(words[2], NULL, 10));
    if (count >= 9 && strcmp(words[1], "run-rootless") == 0 && strcmp(words[7], "--") == 0)
        return run(mount_rootless, words + 3, words + 8, (pid_t)strtol(words[2], NULL, 10));
    if (count >= 5 && strcmp(words[1], "run-private") == 0 && strcmp(words[3], "--") == 0)
        return run(mount_devices, words + 3, words + 4, (pid_t)strtol(words[2], NULL, 10));
    if (count >= 5 && strcmp(words[1], "run-bare") == 0 && strcmp(words[3], "--") == 0)
        return run(mount_nothing, words + 3, words + 4, (pid_t)strtol(words[2], NULL, 10));
    fprintf(stderr, "jdist-sandbox: wrong arguments; the builder of the same version calls it\n");
    return OWN_FAILURE;
}
