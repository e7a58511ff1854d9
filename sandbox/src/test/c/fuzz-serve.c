/*
 * Fuzz target: what `serve` and `await` make of whatever comes on standard input. The input, behind the byte for faults.h,
 * is one that says which of the two, whether as another user, and whether it can show views, and then all that is read there. The rest of a request
 * to run a command is taken for what that command prints, too.
 *
 * Whatever comes: no path that is not absolute reaches the kernel, what is answered are whole answers, and nothing follows
 * an error.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

enum { COMMAND = 1234, FIRST_FD = 10, LAST_FD = 40 };

static int next_fd;
static uint8_t is_pipe[LAST_FD];

/* All that was answered. */
static struct {
    uint8_t bytes[1 << 18];
    size_t size;
    int is_cut_off; /* the builder was gone, or there was more than that */
} answered;

static ssize_t fake_read(int fd, void *bytes, size_t count)
{
    size_t most = 7;

    if (fd == STDIN_FILENO)
        return read_input(bytes, count);
    CHECK(fd >= FIRST_FD && fd < next_fd);
    if (strikes(32))
        return errno = is_pipe[fd] ? EAGAIN : EIO, -1;
    if (is_pipe[fd] == 2) /* the report that the command was started: nothing */
        return strikes(16) ? (memset(bytes, 1, count), (ssize_t)count) : 0;
    /* Each has a little to say. */
    if (is_pipe[fd] == 3)
        return 0;
    is_pipe[fd] = 3;
    if (most > count)
        most = count;
    memset(bytes, 'x', most);
    return (ssize_t)most;
}

static ssize_t fake_write(int fd, const void *bytes, size_t count)
{
    ssize_t taken = take_part(bytes, count);

    if (fd != STDOUT_FILENO) {
        CHECK(fd >= FIRST_FD && fd < next_fd);
        return taken;
    }
    if (taken < 0 && errno != EINTR)
        answered.is_cut_off = 1;
    if (taken > 0 && answered.size + (size_t)taken > sizeof answered.bytes)
        answered.is_cut_off = 1;
    if (taken > 0 && !answered.is_cut_off) {
        memcpy(answered.bytes + answered.size, bytes, (size_t)taken);
        answered.size += (size_t)taken;
    }
    return taken;
}

static int is_absolute(const char *path)
{
    CHECK(path[0] == '/' && strlen(path) > 0);
    return 1;
}

static int fake_open(const char *path, int flags, ...)
{
    CHECK(is_absolute(path) && (flags & O_CLOEXEC) != 0);
    if (strikes(16) || next_fd == LAST_FD)
        return errno = EACCES, -1;
    is_pipe[next_fd] = 0;
    return next_fd++;
}

static int fake_close(int fd)
{
    CHECK(fd >= FIRST_FD && fd < next_fd);
    return strikes(64) ? (errno = ENOSPC, -1) : 0;
}

static int fake_path_call(const char *path)
{
    CHECK(is_absolute(path));
    return strikes(8) ? (errno = strikes(2) ? EEXIST : ENOENT, -1) : 0;
}

static int fake_stat(struct stat *status)
{
    memset(status, 0, sizeof *status);
    status->st_mode = strikes(4) ? S_IFDIR : S_IFREG;
    return strikes(16) ? (errno = EIO, -1) : 0;
}

static int fake_pipe(int ends[2])
{
    if (strikes(32) || next_fd + 2 > LAST_FD)
        return errno = EMFILE, -1;
    is_pipe[next_fd] = is_pipe[next_fd + 1] = next_fd < FIRST_FD + 4 ? 1 : 2;
    ends[0] = next_fd++;
    ends[1] = next_fd++;
    return 0;
}

static pid_t fake_fork(void)
{
    return strikes(16) ? (errno = EAGAIN, -1) : COMMAND;
}

static int turns;

static pid_t fake_waitpid(int *status, int options)
{
    if (options == WNOHANG && ++turns % 4 != 0)
        return 0;
    if (status == NULL)
        return errno = ECHILD, -1;
    *status = (int)chance(1 << 16);
    return strikes(4) && options == 0 ? 77 : COMMAND;
}

static int fake_ppoll(struct pollfd *polled, nfds_t count)
{
    CHECK(count == 3);
    for (nfds_t i = 0; i < count; i++)
        polled[i].revents = i > 0 && polled[i].fd >= 0 ? POLLIN : 0;
    if (strikes(64))
        polled[0].revents = POLLHUP;
    return strikes(8) ? (errno = EINTR, -1) : 1;
}

static FILE *fake_fopen(const char *path)
{
    static char counted[] = "oom 0\noom_kill 1\nmax 99999999999999999999\nlast";

    CHECK(is_absolute(path));
    return strikes(2) ? fmemopen(counted, sizeof counted - 1, "r") : NULL;
}

#define read fake_read
#define write fake_write
#define open fake_open
#define close fake_close
#define unlink fake_path_call
#define mkdir(path, mode) fake_path_call(path)
#define chdir fake_path_call
#define stat(path, status) (is_absolute(path) ? fake_stat(status) : -1)
#define fstat(file, status) fake_stat(status)
#define fchmod(file, mode) (strikes(32) ? -1 : 0)
#define ftruncate(file, size) (CHECK(size == 0), 0)
#define pipe2(ends, flags) fake_pipe(ends)
#define fork fake_fork
#define waitpid(pid, status, options) fake_waitpid(status, options)
#define ppoll(polled, count, time, mask) fake_ppoll(polled, count)
#define fopen(path, mode) fake_fopen(path)
#define kill(pid, number) CHECK(pid == -1 && number == SIGKILL)
#define fcntl(file, what, flags) (CHECK((int)(file) >= (int)FIRST_FD || (int)(file) <= (int)CONTENTS_FD), 0)
#define dup2(file, as) (CHECK(0), as)
#define execve(path, words, variables) CHECK(0)
#define setsid() (CHECK(0), 0)
#define getpid() 1
#define sigaction(number, action, before) CHECK(number == SIGCHLD)
#define sigprocmask(how, set, before) 0
#define signal(number, handler) CHECK(number == SIGPIPE)
#define prctl(what, value) CHECK(what == PR_SET_DUMPABLE)
#define umask(mask) CHECK(mask == 022)
#define fprintf(file, ...) CHECK(1)

#include "../../main/c/serve.c"

int users_become(uid_t jobs, int kept)
{
    CHECK(jobs == 7 && (kept == STATUS_FD || kept == CONTENTS_FD));
    return strikes(8) ? (errno = EPERM, -1) : 0;
}

static int has_view, is_prepared;

int view_prepare(void)
{
    CHECK(has_view);
    is_prepared = 1;
    return strikes(8) ? (errno = EMFILE, -1) : 0;
}

int view_listen(void)
{
    CHECK(0); /* nobody is the child here */
    return -1;
}

int view_supervise(pid_t command)
{
    CHECK(is_prepared && command == COMMAND);
    return (int)chance(1 << 16);
}

#undef fprintf

static size_t number_at(size_t at)
{
    const uint8_t *bytes = answered.bytes + at;

    CHECK(at + 4 <= answered.size);
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

static size_t after_text(size_t at)
{
    size_t end = at + 4 + number_at(at);

    CHECK(end <= answered.size);
    return end;
}

/* The answers to all requests, the last of which may be an error. */
static void check_answers(void)
{
    size_t at = 0;

    while (at < answered.size) {
        switch (answered.bytes[at++]) {
        case 'x':
            number_at(at);
            CHECK(at + 5 < answered.size && memchr("mp-", answered.bytes[at + 4], 3) != NULL);
            at = after_text(after_text(at + 5));
            break;
        case 'c':
            while (number_at(at) > 0)
                at = after_text(at);
            at += 4;
            break;
        case 'a':
            break;
        case 'e':
            CHECK(at < answered.size && memchr("us", answered.bytes[at], 2) != NULL);
            CHECK(after_text(at + 1) == answered.size);
            at = answered.size;
            break;
        default:
            CHECK(0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int awaits = size > 1 && data[1] % 2 == 1;

    begin_world(data, size);
    world.at = size > 1 ? 2 : size;
    answered.size = 0;
    answered.is_cut_off = 0;
    next_fd = FIRST_FD;
    turns = 0;
    runs_once = 0;
    is_prepared = 0;
    has_view = size > 1 && (data[1] & 4) != 0;
    if (setjmp(world.end) == 0)
        world.status = awaits ? await_command((data[1] & 2) != 0 ? "7" : NULL, has_view) : serve();
    if (awaits)
        CHECK(answered.size == 0); /* the command speaks for itself */
    else if (!answered.is_cut_off && world.status == 0)
        check_answers();
    end_world();
    return 0;
}
