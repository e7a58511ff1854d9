/*
 * Fuzz target: what the launcher makes of whatever a client daemon says. The input, behind the byte for faults.h, is all
 * that comes out of the socket.
 *
 * Whatever it is, the launcher becomes the compiler, or ends as an EXIT, an OFFER or a final RUN has it; and it never
 * stops, which nobody would end.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "../../../../sandbox/src/test/c/faults.h"

enum { DAEMON = 7, FIRST_FILE = 8 };

static int open_files; /* which are all closed in the end */
static int is_running, is_refused; /* a child; one that could not be run */
static long long clock_now; /* in milliseconds */

static ssize_t fake_read(int fd, void *bytes, size_t count)
{
    CHECK(fd == DAEMON);
    return read_input(bytes, count);
}

static ssize_t fake_send(int fd, const void *bytes, size_t count, int flags)
{
    CHECK(fd == DAEMON && flags == MSG_NOSIGNAL);
    return take_part(bytes, count);
}

static ssize_t fake_write(int fd, const void *bytes, size_t count)
{
    CHECK(fd == STDOUT_FILENO || fd == STDERR_FILENO || (fd >= FIRST_FILE && open_files > 0));
    if (strikes(16))
        return errno = EAGAIN, -1;
    return take_part(bytes, count);
}

static int fake_poll(struct pollfd *polled, nfds_t count, int timeout)
{
    CHECK(count == 1);
    if (polled->events == POLLPRI) { /* whether something was mounted */
        CHECK(timeout == 0);
        polled->revents = strikes(2) ? POLLPRI | POLLERR : 0;
        return strikes(4) ? (errno = EINTR, -1) : polled->revents != 0;
    }
    CHECK(timeout == -1 && polled->events == POLLOUT);
    return strikes(4) ? (errno = EINTR, -1) : 1;
}

static int fake_stat(const char *path, struct stat *file)
{
    if (strlen(path) % 2 == 0)
        return errno = ENOENT, -1;
    memset(file, 0, sizeof *file);
    file->st_mode = strlen(path) % 4 == 1 ? S_IFREG | 0644 : S_IFDIR | 0755;
    file->st_size = (off_t)(strlen(path) % 8);
    return 0;
}

static int fake_open(const char *path, int flags, ...)
{
    CHECK((flags & O_CLOEXEC) && ((flags & O_ACCMODE) == O_RDWR || strcmp(path, "/proc/self/mounts") == 0));
    if (strikes(8))
        return errno = EOPNOTSUPP, -1;
    return FIRST_FILE + open_files++;
}

static int fake_close(int fd)
{
    CHECK(fd >= FIRST_FILE && open_files > 0);
    open_files--;
    return strikes(16) ? (errno = EDQUOT, -1) : 0;
}

static int fake_fstat(int fd, struct stat *file)
{
    CHECK(fd >= FIRST_FILE);
    memset(file, 0, sizeof *file);
    file->st_mode = S_IFREG | (strikes(4) ? 0666 : 0600);
    return strikes(16) ? (errno = EIO, -1) : 0;
}

static ssize_t fake_getxattr(const char *path, const char *name)
{
    CHECK(strlen(path) > 0 && strcmp(name, "system.posix_acl_default") == 0);
    return strikes(2) ? 28 : (errno = ENODATA, -1);
}

static int fake_access(const char *path, int how)
{
    CHECK(strlen(path) + 1 > 0 && how == W_OK);
    return strikes(4) ? (errno = EACCES, -1) : 0;
}

static int fake_unlink(const char *path)
{
    CHECK(strlen(path) + 1 > 0);
    return 0;
}

static int fake_linkat(const char *from, const char *to)
{
    CHECK(strncmp(from, "/proc/self/fd/", 14) == 0 && strlen(to) + 1 > 0);
    return strikes(4) ? (errno = EPERM, -1) : 0;
}

static int fake_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, char *const *arguments)
{
    size_t bytes = strlen(path);

    CHECK(actions != NULL && arguments[0] != NULL);
    for (size_t i = 0; arguments[i] != NULL; i++)
        bytes += strlen(arguments[i]);
    *pid = 1234;
    is_running = bytes % 8 != 7;
    is_refused |= !is_running;
    return is_running ? 0 : ENOENT;
}

static pid_t fake_waitpid(pid_t pid, int *status, int options)
{
    CHECK(pid == 1234 && (options == 0 || options == WNOHANG) && is_running);
    if (options == WNOHANG && chance(4) != 0)
        return 0;
    if (strikes(4))
        return errno = EINTR, -1;
    if (strikes(16))
        return errno = ECHILD, -1;
    *status = (int)chance(1 << 16);
    is_running = 0;
    return pid;
}

static int fake_sigtimedwait(const sigset_t *awaited, const struct timespec *longest)
{
    CHECK(sigismember(awaited, SIGCHLD) && is_running);
    CHECK(longest->tv_sec >= 0 && longest->tv_sec <= 30 && longest->tv_nsec >= 0 && longest->tv_nsec < 1000000000);
    clock_now += strikes(4) ? 30000 : chance(1000);
    return strikes(4) ? (errno = EINTR, -1) : SIGCHLD;
}

static int fake_clock(struct timespec *time)
{
    time->tv_sec = (time_t)(clock_now / 1000);
    time->tv_nsec = (long)(clock_now % 1000 * 1000000);
    return 0;
}

static int fake_kill(pid_t pid, int number)
{
    CHECK(pid == -1234 && number == SIGKILL && is_running); /* a question took too long, and all that it called ends with it */
    return 0;
}

static int fake_sigaction(int number, const struct sigaction *action, struct sigaction *before)
{
    CHECK(number > 0 && (action != NULL || before != NULL));
    if (before != NULL)
        memset(before, 0, sizeof *before);
    return 0;
}

static void (*fake_signal(int number, void (*handler)(int)))(int)
{
    CHECK(number > 0 && number <= 64);
    return handler;
}

static int fake_raise(int number)
{
    /* The launcher would wait for a SIGCONT that nobody sends. */
    CHECK(number != SIGSTOP && number != SIGTSTP && number != SIGTTIN && number != SIGTTOU);
    return 0;
}

#define read fake_read
#define send fake_send
#define write fake_write
#define poll fake_poll
#define stat(path, file) fake_stat(path, file)
#define lstat(path, file) fake_stat(path, file)
#define fstat fake_fstat
#define open fake_open
#define close fake_close
#define fchmod(file, mode) CHECK((file) >= FIRST_FILE && ((mode) & ~(mode_t)0666) == 0)
#define getxattr(path, name, value, size) fake_getxattr(path, name)
#define access fake_access
#define unlink fake_unlink
#define linkat(from_directory, from, to_directory, to, flags) fake_linkat(from, to)
#define posix_spawn(pid, path, actions, attributes, arguments, environment) fake_spawn(pid, path, actions, arguments)
#define waitpid fake_waitpid
#define sigaction(number, action, before) fake_sigaction(number, action, before)
#define signal fake_signal
#define raise fake_raise
#define kill fake_kill
#define sigtimedwait(awaited, info, longest) fake_sigtimedwait(awaited, longest)
#define clock_gettime(clock, time) fake_clock(time)
#define setenv(variable, value, overwrite) CHECK((value)[0] == 'W' && (overwrite))
#define say real_say

#include "../../main/c/message.c"

#undef say

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int is_said_to_be_broken;

void say(const char *format, ...)
{
    CHECK(strstr(format, "broken") != NULL);
    is_said_to_be_broken = 1;
}

#include "../../main/c/chain.c"

#include "../../main/c/outputs.c"

#include "../../main/c/obey.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin_world(data, size);
    is_said_to_be_broken = 0;
    open_files = is_running = is_refused = 0;
    clock_now = 1000;
    if (setjmp(world.end) == 0) {
        int becomes = obey(DAEMON);

        CHECK(!becomes || !is_said_to_be_broken);
        CHECK(world.block_count == 0);
    } else {
        CHECK(!is_said_to_be_broken || final_status != NOT_RUN); /* the compiler has run, and need not again */
        CHECK(world.status >= 0 && world.status <= UINT8_MAX); /* exit would take only a part of it */
        CHECK(!is_refused); /* the compiler makes what it can of it */
    }
    CHECK(open_files == 0);
    end_world();
    return 0;
}
