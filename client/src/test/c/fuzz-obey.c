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
#include <unistd.h>

#include "../../../../sandbox/src/test/c/faults.h"

enum { DAEMON = 7 };

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
    CHECK(fd == STDOUT_FILENO || fd == STDERR_FILENO);
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
    static const struct stat found;

    if (strlen(path) % 2 == 0)
        return errno = ENOENT, -1;
    *file = found;
    return 0;
}

static int fake_unlink(const char *path)
{
    CHECK(strlen(path) + 1 > 0);
    return 0;
}

static int fake_rename(const char *from, const char *to)
{
    CHECK(strlen(from) + strlen(to) + 1 > 0);
    return strikes(4) ? (errno = EXDEV, -1) : 0;
}

static int fake_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, char *const *arguments)
{
    size_t bytes = strlen(path);

    CHECK(actions != NULL && arguments[0] != NULL);
    for (size_t i = 0; arguments[i] != NULL; i++)
        bytes += strlen(arguments[i]);
    *pid = 1234;
    return bytes % 8 == 7 ? ENOENT : 0;
}

static pid_t fake_waitpid(pid_t pid, int *status, int options)
{
    CHECK(pid == 1234 && options == 0);
    if (strikes(4))
        return errno = EINTR, -1;
    if (strikes(16))
        return errno = ECHILD, -1;
    *status = (int)chance(1 << 16);
    return pid;
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
#define unlink fake_unlink
#define rename fake_rename
#define posix_spawn(pid, path, actions, attributes, arguments, environment) fake_spawn(pid, path, actions, arguments)
#define waitpid fake_waitpid
#define sigaction(number, action, before) fake_sigaction(number, action, before)
#define signal fake_signal
#define raise fake_raise
#define kill(pid, number) CHECK(pid > 0)
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

#include "../../main/c/obey.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin_world(data, size);
    is_said_to_be_broken = 0;
    if (setjmp(world.end) == 0) {
        int becomes = obey(DAEMON);

        CHECK(!becomes || !is_said_to_be_broken);
        CHECK(world.block_count == 0);
    } else {
        CHECK(!is_said_to_be_broken);
    }
    end_world();
    return 0;
}
