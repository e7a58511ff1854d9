#include "obey.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chain.h"
#include "message.h"
#include "outputs.h"

enum { SHELL_SIGNAL = 128 }; /* what a shell adds to the number of a signal */

extern char **environ;

static volatile sig_atomic_t child = 0; /* what runs for the daemon, or minus its process group */

enum { DEADLY_SIGNALS = 3 };
static const int deadly_signals[DEADLY_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static void pass_on(int number)
{
    if (child != 0)
        kill(child, number);
    signal(number, SIG_DFL);
    raise(number);
}

/* What nohup has this process ignore stays ignored. */
static void catch_deadly_signals(struct sigaction *before)
{
    struct sigaction action = {.sa_handler = pass_on};

    for (size_t i = 0; i < DEADLY_SIGNALS; i++) {
        sigaction(deadly_signals[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(deadly_signals[i], &action, NULL);
    }
}

static long long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Waits for a child to end; an error number if nobody can tell how it did. */
static int await(pid_t pid, int *status)
{
    while (waitpid(pid, status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

/* The same for a question, whose process group ends with it if it takes too long. `ended` has SIGCHLD, which is blocked. */
static int await_answer(pid_t pid, const sigset_t *ended, int *status)
{
    const long long deadline = milliseconds() + QUESTION_SECONDS * 1000LL;

    for (;;) {
        const long long left = deadline - milliseconds();
        const struct timespec wait = {(time_t)(left / 1000), (long)(left % 1000) * 1000000L};
        const pid_t found = waitpid(pid, status, WNOHANG);

        if (found == pid)
            return 0;
        if (found < 0 && errno != EINTR)
            return errno;
        if (left <= 0) {
            kill(-pid, SIGKILL);
            await(pid, status);
            return ETIMEDOUT;
        }
        sigtimedwait(ended, NULL, &wait);
    }
}

/* Has a stream of a child be this file; nothing if the name is empty. An error number if that cannot be. */
static int open_in_child(posix_spawn_file_actions_t *actions, int stream, const char *file)
{
    if (*file == '\0')
        return 0;
    return posix_spawn_file_actions_addopen(actions, stream, file,
                                            stream == STDIN_FILENO ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

enum { NOT_RUN = -1 };

/* How the last child ended, if it was final: should the daemon be gone before it says how to end, that is how. */
static int final_status;

/*
 * Runs a child to its end, and has what is to end this process end that one, too; an empty name leaves a stream as it is. Its
 * status, or NOT_RUN.
 */
static int run(const char *executable, char **arguments, const char *output, const char *errors, int is_question)
{
    /* Whoever ignores it is not told how a child ended. gcc goes back to the default by itself. */
    const struct sigaction heard = {.sa_handler = SIG_DFL};
    struct sigaction before[DEADLY_SIGNALS], child_before;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t deadly, ended, mask_before, mask_meanwhile;
    int status = 0, error;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    error = open_in_child(&actions, STDIN_FILENO, is_question ? "/dev/null" : "");
    if (error == 0)
        error = open_in_child(&actions, STDOUT_FILENO, output);
    if (error == 0)
        error = open_in_child(&actions, STDERR_FILENO, errors);
    /* A signal that comes before the child's number is known waits for it. */
    sigemptyset(&deadly);
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    for (size_t i = 0; i < DEADLY_SIGNALS; i++)
        sigaddset(&deadly, deadly_signals[i]);
    sigprocmask(SIG_BLOCK, &deadly, &mask_before);
    mask_meanwhile = mask_before;
    if (is_question)
        sigaddset(&mask_meanwhile, SIGCHLD);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | (is_question ? POSIX_SPAWN_SETPGROUP : 0));
    posix_spawnattr_setsigmask(&attributes, &mask_before);
    catch_deadly_signals(before);
    sigaction(SIGCHLD, &heard, &child_before);
    pass_chain(SOMEBODY_WAITS);
    if (is_question)
        sigprocmask(SIG_BLOCK, &ended, NULL);
    if (error == 0)
        error = posix_spawn(&pid, executable, &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    child = error != 0 ? 0 : is_question ? -pid : pid;
    sigprocmask(SIG_SETMASK, &mask_meanwhile, NULL);
    if (error == 0) {
        error = is_question ? await_answer(pid, &ended, &status) : await(pid, &status);
        child = 0;
    }
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
    for (size_t i = 0; i < DEADLY_SIGNALS; i++)
        sigaction(deadly_signals[i], &before[i], NULL);
    sigaction(SIGCHLD, &child_before, NULL);
    if (error != 0)
        return error == ETIMEDOUT ? TOO_LONG : NOT_RUN;
    return WIFSIGNALED(status) ? ENDED_BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static uint64_t nanoseconds(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec;
}

static uint64_t take_long_number(struct message *message)
{
    uint64_t high = take_number(message);

    return high << 32 | take_number(message);
}

/* Looks at the next file of a COMPARE: whether it has the stamp that stands there. */
static int has_stamp(struct message *files)
{
    const uint64_t none = ~(uint64_t)0;
    const char *path = take_path(files);
    uint64_t device = take_long_number(files), inode = take_long_number(files), size = take_long_number(files);
    uint64_t modified = take_long_number(files), changed = take_long_number(files);
    struct stat file;

    if (files->is_broken)
        return 0;
    if (stat(path, &file) != 0)
        return (errno == ENOENT || errno == ENOTDIR) && device == none;
    if (file.st_dev != device || file.st_ino != inode)
        return 0;
    return changed == none
        || (file.st_size == (off_t)size && nanoseconds(&file.st_mtim) == modified && nanoseconds(&file.st_ctim) == changed);
}

/* How to end: with this status, when that is printed. */
struct end {
    int status;
    const unsigned char *printed[2]; /* on standard output and standard error; they lie in the message */
    uint32_t lengths[2];
};

static struct end take_end(struct message *message)
{
    uint32_t status = take_number(message);
    struct end end = {.status = (int)status};

    if (status == ENDED_BY_SIGNAL || status >= ENDED_BY_SIGNAL + NSIG)
        message->is_broken = 1;

    for (int i = 0; i < 2; i++) {
        end.lengths[i] = take_number(message);
        end.printed[i] = take_bytes(message, end.lengths[i]);
    }
    return end;
}

/* Whether a status is that of a program which a signal ended: to be stopped is not to end. */
static int is_of_signal(int status)
{
    int number = status > ENDED_BY_SIGNAL ? status - ENDED_BY_SIGNAL : 0;

    return number > 0 && number < NSIG && number != SIGSTOP && number != SIGTSTP && number != SIGTTIN && number != SIGTTOU;
}

static void end_as(int status) __attribute__((noreturn));

/* Ends as the program did that has this status: by the same signal, so that make says what it would say without jdist. */
static void end_as(int status)
{
    if (is_of_signal(status)) {
        const struct rlimit no_core = {0, 0}; /* the compiler has left one, if it was to */
        int number = status - ENDED_BY_SIGNAL;

        setrlimit(RLIMIT_CORE, &no_core);
        signal(number, SIG_DFL);
        raise(number);
        exit(SHELL_SIGNAL + number); /* it was not one that ends a process */
    }
    /* Else of a signal that ends no program. */
    exit(status < ENDED_BY_SIGNAL ? status : SHELL_SIGNAL + status - ENDED_BY_SIGNAL);
}

static void end_with(const struct end *end) __attribute__((noreturn));

static void end_with(const struct end *end)
{
    write_all(STDOUT_FILENO, end->printed[0], end->lengths[0]);
    write_all(STDERR_FILENO, end->printed[1], end->lengths[1]);
    end_as(end->status);
}

/* Tells in a new `checked` which files are not what the daemon takes them for. */
static void compare(struct message *files, struct message *checked)
{
    uint32_t count = take_number(files);

    free_message(checked);
    *checked = begin_message(CHECKED);
    for (uint32_t i = 0; i < count && !files->is_broken; i++)
        if (!has_stamp(files))
            put_number(checked, i);
}

/* Ends with what is offered if the files are `checked` and hold, else says why not; false if the daemon is gone. */
static int consider(int daemon, struct message *offer, struct message *checked)
{
    struct outputs outputs = take_outputs(offer);
    struct end end = take_end(offer);
    enum placing placing = NOT_PLACED;
    int holds, told;

    if (checked->bytes == NULL)
        *checked = begin_message(CHECKED); /* there was nothing to compare */
    holds = !has_fields(checked) && !checked->is_broken;
    if (!offer->is_broken)
        placing = receive_outputs(daemon, &outputs, holds);
    free_outputs(&outputs);
    if (offer->is_broken || placing == DAEMON_GONE)
        return 0;
    if (holds && placing == NOT_PLACED)
        put_number(checked, 0); /* what cannot be used might as well be out of date */
    told = send_message(daemon, checked);
    if (placing == PLACED)
        end_with(&end);
    return told;
}

/* Puts files into their places, and tells the daemon whether they are there; false if the message is broken or the daemon gone. */
static int write_and_tell(int daemon, struct message *order)
{
    struct outputs outputs = take_outputs(order);
    enum placing placing = order->is_broken ? DAEMON_GONE : receive_outputs(daemon, &outputs, 1);
    struct message done = begin_message(DONE);

    free_outputs(&outputs);
    put_number(&done, (uint32_t)placing);
    put_number(&done, 0);
    if (placing != DAEMON_GONE)
        return send_message(daemon, &done);
    free_message(&done);
    return 0;
}

/* Whether something was mounted or unmounted since this table of mounts was opened; the kernel tells it as an urgent event. */
static uint32_t has_changed(int mounts)
{
    struct pollfd table = {mounts, POLLPRI, 0};

    return mounts < 0 || poll(&table, 1, 0) < 0 || (table.revents & (POLLPRI | POLLERR)) != 0;
}

/*
 * Runs what the daemon wants run on this machine, and tells it the outcome; false if the message is broken, the daemon gone, or
 * nothing can be run, of which the compiler will make what it can.
 */
static int run_and_tell(int daemon, struct message *order)
{
    uint32_t flags = take_number(order);
    char *output = take_string(order), *errors = take_string(order), *executable = take_string(order);
    char **arguments = take_list(order);
    int told = 0;

    final_status = NOT_RUN;
    if (!order->is_broken && arguments[0] != NULL) {
        int mounts = open("/proc/self/mounts", O_RDONLY | O_CLOEXEC);
        int status = run(executable, arguments, output, errors, (flags & RUN_IS_QUESTION) != 0);

        if (status != TOO_LONG && (flags & RUN_IS_FINAL))
            final_status = status;
        if (status != NOT_RUN) {
            struct message done = begin_message(DONE);

            put_number(&done, (uint32_t)status);
            put_number(&done, has_changed(mounts));
            told = send_message(daemon, &done);
        }
        if (mounts >= 0)
            close(mounts);
    } else {
        order->is_broken = 1;
    }
    free(output);
    free(errors);
    free(executable);
    free_list(arguments);
    return told;
}

/* Does one thing; false if there is nothing more to do. */
static int obey_message(int daemon, struct message *message, struct message *checked)
{
    const unsigned char *type = take_bytes(message, 1);
    struct end end;

    switch (*type) {
    case EXIT:
        end = take_end(message);
        if (!message->is_broken)
            end_with(&end);
        return 0;
    case RUN:
        return run_and_tell(daemon, message);
    case COMPARE:
        compare(message, checked);
        return !message->is_broken;
    case OFFER:
        return consider(daemon, message, checked);
    case WRITE:
        return write_and_tell(daemon, message);
    default:
        message->is_broken = *type != BECOME;
        return 0;
    }
}

int obey(int daemon)
{
    struct message message, checked = {.bytes = NULL};
    int goes_on = 1, becomes = 0;

    final_status = NOT_RUN;
    while (goes_on && receive_message(daemon, &message)) {
        goes_on = obey_message(daemon, &message, &checked);
        becomes = !goes_on && message.bytes[0] == BECOME;
        if (message.is_broken)
            say("the daemon sent a broken message; `jdist --stop-server` stops it");
        free_message(&message);
    }
    free_message(&checked);
    if (!becomes && final_status != NOT_RUN)
        end_as(final_status); /* what the compiler had to say is said */
    return becomes;
}
