/*
 * Fuzz target: the command lines of jdist-sandbox. The input, behind the byte for faults.h, is the arguments, each ending in
 * a NUL byte.
 *
 * Whatever they are, the program ends, and what it becomes is a whole command line.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"

enum { MOST_ARGUMENTS = 64 };

static char *words_given[MOST_ARGUMENTS + 1];
static int given;

static ssize_t fake_write(const void *bytes, size_t count)
{
    return strikes(8) ? (errno = EACCES, -1) : (strikes(8) ? take_part(bytes, count) : (ssize_t)count);
}

static int fake_open(const char *path)
{
    CHECK(strlen(path) < 4096);
    return strikes(8) ? (errno = ENOENT, -1) : 10;
}

static int fake_exec(char *program, char **line)
{
    CHECK(program == line[0]);
    for (; *line != NULL; line++)
        CHECK(strlen(*line) + 1 > 0);
    return errno = ENOENT, -1;
}

static int fake_mount(const char *target, const char *options)
{
    CHECK(target != NULL && (options == NULL || strlen(options) < 4096));
    return strikes(4) ? (errno = EINVAL, -1) : 0;
}

static pid_t fake_fork(void)
{
    return strikes(8) ? (errno = EAGAIN, -1) : (int)chance(2) * 1234;
}

static int fake_signal_wait(void)
{
    if (strikes(4))
        return errno = EAGAIN, -1;
    return strikes(4) ? SIGTERM : SIGCHLD;
}

static int turns;

static pid_t fake_waitpid(int *status)
{
    if (++turns % 8 != 0)
        return 0;
    if (turns > 16)
        return errno = ECHILD, -1;
    *status = (int)chance(1 << 16);
    return 1234;
}

static long fake_syscall(long number, ...)
{
    CHECK(number > 0);
    return strikes(4) ? (errno = ENOSYS, -1) : 0;
}

static FILE *fake_fopen(const char *path)
{
    static char text[] = "/autogroup-123 nice 19";

    CHECK(path[0] == '/');
    return strikes(2) ? fmemopen(text, sizeof text - 1, "r") : NULL;
}

#define write(file, bytes, count) fake_write(bytes, count)
#define open(path, flags) fake_open(path)
#define close(file) (strikes(32) ? -1 : 0)
#define dup2(file, as) (strikes(32) ? -1 : (as))
#define lseek(file, to, whence) (strikes(32) ? -1 : 0)
#define memfd_create(name, flags) (strikes(8) ? -1 : 10)
#define execv fake_exec
#define mount(source, target, type, flags, options) fake_mount(target, options)
#define unshare(flags) (strikes(8) ? -1 : 0)
#define fork fake_fork
#define waitpid(pid, status, options) fake_waitpid(status)
#define sigwaitinfo(set, info) fake_signal_wait()
#define sigtimedwait(set, info, time) fake_signal_wait()
#define sigprocmask(how, set, before) CHECK(1)
#define signal(number, handler) CHECK(1)
#define kill(pid, number) CHECK(number == SIGKILL)
#define prctl(what, ...) (strikes(32) ? -1 : 0)
#define syscall fake_syscall
#define setrlimit(resource, limits) (CHECK((limits) != NULL), strikes(16) ? -1 : 0)
#define getpriority(which, who) 3
#define nice(steps) (strikes(8) ? (errno = EPERM, -1) : ((steps) != 0))
#define setsid() (strikes(32) ? -1 : 1)
#define getsid(pid) (pid)
#define getpid() 1000
#define getppid() 1
#define umask(mask) CHECK(mask == 022)
#define setns(file, kind) (strikes(8) ? -1 : (CHECK((file) == 10), 0))
#define fcntl(file, what, flags) (CHECK((file) == 10), strikes(32) ? -1 : 0)
#define socket(...) (errno = EPERM, -1)
#define fopen(path, mode) fake_fopen(path)
#define fprintf(file, ...) CHECK(snprintf(NULL, 0, __VA_ARGS__) > 0)
#define main sandbox_main
#define failed confine_failed
#define OWN_FAILURE CONFINE_FAILURE

#include "../../main/c/filter.c"
#include "../../main/c/confine.c"

#undef OWN_FAILURE

#include "../../main/c/serve.h"

int users_open(uid_t jobs, const char **what)
{
    CHECK(jobs == jobs);
    *what = "make a user namespace for";
    return strikes(4) ? (errno = EPERM, -1) : 10;
}

int serve(void)
{
    return 0;
}

int await_command(const char *user, int has_view)
{
    (void)user;
    return has_view;
}

int view_prove(void)
{
    return 0;
}

int sandbox_main(int count, char **words);

#include "../../main/c/jdist-sandbox.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    begin_world(data, size);
    if (size < 1 || (text = malloc(size)) == NULL)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    turns = 0;
    given = 0;
    words_given[given++] = text + size - 1; /* the program's name does not matter */
    for (char *at = text; at < text + size - 1 && given < MOST_ARGUMENTS; at += strlen(at) + 1)
        words_given[given++] = at;
    words_given[given] = NULL;
    if (setjmp(world.end) == 0)
        sandbox_main(given, words_given);
    end_world();
    return 0;
}
