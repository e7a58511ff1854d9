#include "daemon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "chain.h"
#include "limits.h"
#include "message.h"

/* The first is for a daemon's first word, which tells the time that it is really allowed: Java alone may take that long to
   start on an old machine that is busy. */
enum { STARTUP_SECONDS = 30, WORKING = 100, PAUSE_AFTER_FAILURE_SECONDS = 10 };

char home[PATH_MAX];
char socket_path[sizeof((struct sockaddr_un *)NULL)->sun_path];
char socket_problem[512];

const char *setting(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : fallback;
}

int stays_in_foreground(void)
{
    return strcmp(setting("SCCACHE_NO_DAEMON", ""), "1") == 0;
}

/*
 * A directory that nobody else can write to or look into; false if somebody else made it first, with what to do about it in
 * `socket_problem`. PrivateDirectory does the same in Java.
 */
static int make_private(const char *directory)
{
    static const char what_to_do[] = "remove it, or set XDG_RUNTIME_DIR to a directory of yours, or SCCACHE_SERVER_UDS to a"
                                     " socket in one";
    struct stat found;
    long owner;

    if ((mkdir(directory, 0700) != 0 && errno != EEXIST) || lstat(directory, &found) != 0) {
        snprintf(socket_problem, sizeof socket_problem, "cannot make %s: %s", directory, strerror(errno));
        return 0;
    }
    owner = (long)found.st_uid;
    if (!S_ISDIR(found.st_mode))
        snprintf(socket_problem, sizeof socket_problem, "%s of user %ld is not a directory; %s", directory, owner, what_to_do);
    else if (found.st_uid != geteuid())
        snprintf(socket_problem, sizeof socket_problem, "%s belongs to user %ld, not to you; %s", directory, owner, what_to_do);
    else if ((found.st_mode & 077) != 0)
        snprintf(socket_problem, sizeof socket_problem, "%s of user %ld is open to others (mode %04o); chmod 700 it", directory,
                 owner, (unsigned)found.st_mode & 07777);
    else
        return 1;
    return 0;
}

int find_socket(void)
{
    const char *chosen = setting("SCCACHE_SERVER_UDS", NULL);
    const char *runtime = setting("XDG_RUNTIME_DIR", NULL);
    struct stat found;
    char directory[80];

    if (chosen != NULL) {
        int length = snprintf(socket_path, sizeof socket_path, "%s", chosen);

        if (length < (int)sizeof socket_path && chosen[0] == '/')
            return 1;
        snprintf(socket_problem, sizeof socket_problem, "SCCACHE_SERVER_UDS is not an absolute path of at most %zu bytes",
                 sizeof socket_path - 1);
        return 0;
    }
    if (runtime != NULL && stat(runtime, &found) == 0 && found.st_uid == geteuid() && strlen(runtime) < 60)
        snprintf(directory, sizeof directory, "%s/jdist", runtime);
    else
        snprintf(directory, sizeof directory, "/tmp/jdist-%ld", (long)geteuid());
    snprintf(socket_path, sizeof socket_path, "%s/%.5s.sock", directory, setting("SCCACHE_SERVER_PORT", "4226"));
    return make_private(directory);
}

/* The same file under another number if it has that of a stream which the caller has closed: nobody shall print into it. */
static int beside_streams(int file)
{
    int moved;

    if (file < 0 || file > STDERR_FILENO)
        return file;
    moved = fcntl(file, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(file);
    return moved;
}

/* The number of the mount that a path leads into; 0 if the kernel, older than 5.8, does not tell. */
static unsigned long long mount_of(const char *path)
{
    enum { MOUNT_ID = 0x1000 }; /* STATX_MNT_ID, which not every C library knows, as little as its field */
    struct {
        uint32_t mask, other[35];
        uint64_t mount;
        uint64_t rest[13];
    } found = {.mask = 0}; /* struct statx */

    return syscall(SYS_statx, AT_FDCWD, path, 0, MOUNT_ID, &found) == 0 && (found.mask & MOUNT_ID) ? found.mount : 0;
}

/*
 * A mount belongs to one mount namespace, and that of the daemon's root directory has its number for as long as the daemon runs,
 * so that a number of a mount says which namespace it is, five microseconds sooner.
 */
char *own_view(void)
{
    static char view[160];
    const unsigned long long mount = mount_of("/");
    struct stat mounts = {.st_dev = 0}, processes, root;

    view[0] = '\0';
    if ((mount != 0 || stat("/proc/self/ns/mnt", &mounts) == 0) && stat("/proc/self/ns/pid", &processes) == 0
        && stat("/", &root) == 0)
        snprintf(view, sizeof view, "%llx:%llx:%llx:%llx:%llx:%llx:%llx", (unsigned long long)mounts.st_dev,
                 (unsigned long long)mounts.st_ino, (unsigned long long)processes.st_dev, (unsigned long long)processes.st_ino,
                 (unsigned long long)root.st_dev, (unsigned long long)root.st_ino, mount);
    return view;
}

int connect_to_daemon(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct ucred peer;
    socklen_t size = sizeof peer;
    int connection = beside_streams(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

    memcpy(address.sun_path, socket_path, sizeof socket_path);
    if (connection < 0)
        return -1;
    if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0
        || getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != geteuid()) {
        close(connection);
        return -1;
    }
    be_patient(connection);
    return connection;
}

void become_java(const char *program, const char *heap, const char *property, char **arguments)
{
    char script[PATH_MAX + 16];
    size_t count = 0;
    char **line;

    snprintf(script, sizeof script, "%s/lib/jdist-java", home);
    while (arguments[count] != NULL)
        count++;
    line = must(calloc(count + 5, sizeof *line));
    line[0] = script;
    line[1] = (char *)program;
    line[2] = (char *)heap;
    line[3] = (char *)property;
    memcpy(line + 4, arguments, count * sizeof *line);
    pass_chain(SOMEBODY_WAITS); /* should Java run a compiler that is jdist */
    execv(script, line);
    say("cannot run %s: %s", script, strerror(errno));
    _exit(CANNOT_START);
}

static long long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void make_absolute(const char *variable)
{
    const char *path = setting(variable, "/");
    char cwd[PATH_MAX], absolute[2 * PATH_MAX];

    if (path[0] != '/' && getcwd(cwd, sizeof cwd) != NULL) {
        snprintf(absolute, sizeof absolute, "%s/%s", cwd, path);
        setenv(variable, absolute, 1);
    }
}

/* Whoever waits for the other end of a pipe of the caller's, make's job server say, must not wait for a daemon to end. */
static void close_what_the_caller_had_open(void)
{
    DIR *open_files = opendir("/proc/self/fd");
    struct dirent *entry;

    if (open_files == NULL)
        return;
    while ((entry = readdir(open_files)) != NULL) {
        int file = atoi(entry->d_name);

        if (file > STDERR_FILENO && file != dirfd(open_files))
            close(file);
    }
    closedir(open_files);
}

/* The child of start_in_background: its standard output is the pipe, everything else is cut off. */
static void run_in_background(int pipe, const char *program, const char *heap, char **arguments)
{
    int nothing = beside_streams(open("/dev/null", O_RDWR));

    dup2(nothing, STDIN_FILENO);
    dup2(pipe, STDOUT_FILENO);
    if (!stays_in_foreground()) {
        setsid();
        dup2(nothing, STDERR_FILENO);
        if (strcmp(program, "client") == 0)
            drop_callers_limits();
    }
    close_what_the_caller_had_open();
    make_absolute("SCCACHE_CONF");
    make_absolute("SCCACHE_ERROR_LOG");
    if (chdir("/") != 0)
        _exit(CANNOT_START);
    become_java(program, heap, "-Djdist.background=true", arguments);
}

/* A number of milliseconds. Settings may have any; poll knows no more than 24 days. */
static int timeout_of(const char *text)
{
    long allowed = strtol(text, NULL, 10);

    return allowed > INT_MAX ? INT_MAX : allowed < 0 ? 0 : (int)allowed;
}

/* Milliseconds of processor time that a process has used; 0 if nobody knows. */
static long long processor_time(pid_t process)
{
    struct timespec used;
    clockid_t clock;

    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return used.tv_sec * 1000LL + used.tv_nsec / 1000000;
}

/*
 * Whether a process that took a while has something to show for it. On a slow machine under load, a start takes minutes; Java
 * that waits for something uses a thousandth of a processor.
 */
static int has_worked(pid_t process, long long *used_before)
{
    long long used = processor_time(process), more = used - *used_before;

    *used_before = used;
    return more >= STARTUP_SECONDS * 1000LL / WORKING;
}

/*
 * Reads lines until the pipe's other end is closed or the time is up: perhaps "wait MILLISECONDS", to be given that time,
 * and at the end "ok WHERE" or "error WHY". Who was given no time has as much as it takes, as long as it works. Leaves
 * the last line in `report`; false if the time was up.
 */
static int read_report(int pipe, pid_t process, char *report, size_t size)
{
    long long deadline = milliseconds() + STARTUP_SECONDS * 1000LL, processor = 0;
    size_t used = 0;
    int is_given = 0;

    for (;;) {
        struct pollfd ready = {pipe, POLLIN, 0};
        long long left = deadline - milliseconds();
        int is_ready = left <= 0 ? 0 : poll(&ready, 1, (int)left);
        char *end;
        ssize_t got;

        if (is_ready == 0) {
            if (is_given || !has_worked(process, &processor))
                return 0;
            deadline = milliseconds() + STARTUP_SECONDS * 1000LL;
            continue;
        }
        if (is_ready < 0 && errno == EINTR)
            continue;
        got = read(pipe, report + used, size - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return 1;
        used += (size_t)got;
        report[used] = '\0';
        while ((end = strchr(report, '\n')) != NULL) {
            if (strncmp(report, "wait ", 5) == 0) {
                deadline = milliseconds() + timeout_of(report + 5);
                is_given = 1;
            }
            used = strlen(end + 1);
            memmove(report, end + 1, used + 1);
        }
    }
}

int start_in_background(const char *program, const char *heap, char **arguments, pid_t *pid, char *report, size_t size)
{
    int ends[2], in_time;

    report[0] = '\0';
    if (pipe2(ends, O_CLOEXEC) != 0) {
        snprintf(report, size, "cannot make a pipe: %s", strerror(errno));
        return 0;
    }
    ends[0] = beside_streams(ends[0]);
    ends[1] = beside_streams(ends[1]);
    *pid = fork();
    if (*pid < 0) {
        snprintf(report, size, "cannot start a process: %s", strerror(errno));
        close(ends[0]);
        close(ends[1]);
        return 0;
    }
    if (*pid == 0)
        run_in_background(ends[1], program, heap, arguments);
    close(ends[1]);
    in_time = read_report(ends[0], *pid, report, size);
    close(ends[0]);
    if (!in_time) {
        kill(*pid, SIGKILL);
        snprintf(report, size, "it did not start within the time limit; %s",
                 strcmp(program, "client") == 0 ? "server_startup_timeout_ms in the settings sets another"
                                                : "with SCCACHE_NO_DAEMON=1 it stays in the foreground and has no time limit");
        return 0;
    }
    if (strncmp(report, "ok ", 3) == 0) {
        memmove(report, report + 3, strlen(report + 3) + 1);
        return 1;
    }
    if (strncmp(report, "error ", 6) == 0)
        memmove(report, report + 6, strlen(report + 6) + 1);
    else
        snprintf(report, size, "it ended without a message; SCCACHE_NO_DAEMON=1 shows what it prints");
    return 0;
}

/*
 * Waits until nobody else has the lock of this name, whose file is there no longer than somebody has it or waits for it. -1 if
 * that is a file of another user, who could have it for ever.
 */
static int take_lock(const char *path)
{
    struct stat locked, named;

    for (;;) {
        int lock = beside_streams(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));

        if (lock < 0)
            return -1;
        if (fstat(lock, &locked) == 0 && (locked.st_uid != geteuid() || !S_ISREG(locked.st_mode))) {
            close(lock);
            errno = EEXIST;
            return -1;
        }
        flock(lock, LOCK_EX);
        if (fstat(lock, &locked) == 0 && lstat(path, &named) == 0 && locked.st_dev == named.st_dev
            && locked.st_ino == named.st_ino)
            return lock;
        close(lock); /* whoever had it before has removed it */
    }
}

int start_client_daemon(int insist, char *report, size_t size)
{
    char lock_path[sizeof socket_path + 8], failed_path[sizeof socket_path + 8];
    char *arguments[] = {"--daemon", socket_path, "--view", own_view(), NULL};
    struct stat failed;
    int lock, connection;
    pid_t pid;

    report[0] = '\0';
    snprintf(lock_path, sizeof lock_path, "%s.lock", socket_path);
    snprintf(failed_path, sizeof failed_path, "%s.failed", socket_path);
    lock = take_lock(lock_path);
    if (lock < 0) {
        snprintf(report, size, "cannot write %s: %s", lock_path,
                 errno == EEXIST ? "it belongs to another user; set SCCACHE_SERVER_UDS to a socket in a directory of yours"
                                 : strerror(errno));
        return -1;
    }
    connection = connect_to_daemon();
    if (connection < 0
        && (insist || lstat(failed_path, &failed) != 0 || failed.st_uid != geteuid()
            || time(NULL) - failed.st_mtime > PAUSE_AFTER_FAILURE_SECONDS)) {
        if (start_in_background("client", "384m", arguments, &pid, report, size)) {
            report[0] = '\0';
            connection = connect_to_daemon();
        } else if ((connection = connect_to_daemon()) < 0) {
            /*
             * Nor has somebody else started one in the meantime, in the foreground. Callers with other limits may have more
             * luck.
             */
            unlink(failed_path);
            if (!has_own_limits())
                close(open(failed_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        }
    }
    unlink(lock_path);
    close(lock);
    return connection;
}
