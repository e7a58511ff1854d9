/*
 * jdist-sandbox serve: the first process of a container, and a builder's hand in it.
 * jdist-sandbox await: the first process of a sandbox that waits for its command.
 *
 * Requests come on standard input, answers leave on standard output. Numbers are big endian, 32 bits; a text is its
 * length and its bytes; a file is chunks, each its length and its bytes, up to a chunk of length 0.
 *
 *   d TEXT                     make the directory of this path and those above it
 *   f TEXT OCTET FILE          write the file of this path, executable if OCTET is not 0
 *   r NUMBER TEXT N TEXT*N N TEXT*N
 *                              run a command: how much of each stream is wanted (with so much on one, all of it is
 *                              ended), working directory, words, variables
 *      x NUMBER OCTET TEXT TEXT
 *                              its exit code (128 and the signal's number, if one ended it), which limit of the container
 *                              it met (m of memory, p of processes, - none), and what it printed
 *   o TEXT                     read the file of this path
 *      c FILE, or a            its content; or there is no such regular file
 *
 * To any of them, at any time, as the last thing that is said:
 *      e OCTET TEXT            what went wrong; u if a path is to blame, s otherwise
 *
 * Every path is resolved by the kernel, in this container's own root: there is nothing else that a link could lead to.
 * When standard input ends, because the builder is done, or gone, so does this process, and with it the container.
 *
 * `await` takes d and f, and then one r, after which it is over, or `v` and then r:
 *
 *   v                          the command is to run under a view; view.c says what is said then
 *
 * It answers nothing: the command has this process's own
 * standard output and error and its session, and this process ends as the command does (128 and the signal's number, if
 * one ended it), and all others with it. Whether a command ever ran is said in a file of its own, open as STATUS_FD: one
 * octet if it did; if it did not, the file is empty, and standard error says why. The command does not have that file.
 */
#include "serve.h"
#include "users.h"
#include "view.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BROKEN_OFF = 1,
    OWN_FAILURE = 125,
    CHUNK = 64 * 1024,
    MAX_TEXT = 16 * 1024 * 1024, /* one text: a path, a word, a variable */
    MAX_WORDS = 1024 * 1024,
    FIRST_SIGNAL = 128,
    FILE_MODE = 0644,
    EXECUTABLE_MODE = 0755,
};

static unsigned char buffer[CHUNK];

/* Whether this is `await`. */
static int runs_once;

/* Writes all of it; there is nobody left to complain to if that fails. */
static void put(const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, at, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(BROKEN_OFF);
        at += written;
        length -= (size_t)written;
    }
}

static void put_number(uint32_t number)
{
    uint32_t big_endian = htonl(number);

    put(&big_endian, sizeof big_endian);
}

static void put_text(const void *bytes, size_t length)
{
    put_number((uint32_t)length);
    put(bytes, length);
}

/* Says what is wrong with a path or word, and ends. */
static void refuse(char kind, const char *what, const char *name)
{
    char message[4096];

    snprintf(message, sizeof message, "%s %.2000s: %s", what, name, strerror(errno));
    if (runs_once) {
        fprintf(stderr, "jdist-sandbox: %s\n", message);
        _exit(OWN_FAILURE);
    }
    put("e", 1);
    put(&kind, 1);
    put_text(message, strlen(message));
    _exit(0);
}

/* Reads exactly so many bytes. Only between requests may the input end. */
static void get(void *bytes, size_t length)
{
    char *at = bytes;

    while (length > 0) {
        ssize_t count = read(STDIN_FILENO, at, length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            _exit(BROKEN_OFF);
        at += count;
        length -= (size_t)count;
    }
}

static uint32_t get_number(uint32_t most)
{
    uint32_t number;

    get(&number, sizeof number);
    number = ntohl(number);
    if (number > most) {
        errno = EMSGSIZE;
        refuse('s', "cannot read", "a request");
    }
    return number;
}

static void *allocate(size_t size)
{
    void *memory = malloc(size);

    if (memory == NULL)
        refuse('s', "cannot store", "a request");
    return memory;
}

static char *get_text(void)
{
    uint32_t length = get_number(MAX_TEXT);
    char *text = allocate((size_t)length + 1);

    get(text, length);
    text[length] = '\0';
    if (strlen(text) != length) { /* the kernel would take the part before the NUL for all of it */
        errno = EINVAL;
        refuse('u', "a NUL byte behind", text);
    }
    return text;
}

static char *get_path(void)
{
    char *path = get_text();

    if (path[0] != '/') {
        errno = EINVAL;
        refuse('u', "not an absolute path:", path);
    }
    return path;
}

static char **get_words(void)
{
    uint32_t count = get_number(MAX_WORDS);
    char **words = allocate(((size_t)count + 1) * sizeof *words);

    for (uint32_t i = 0; i < count; i++)
        words[i] = get_text();
    words[count] = NULL;
    return words;
}

/* Makes every directory that `path` names before a slash: all of them if it ends in one. */
static void make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, EXECUTABLE_MODE) != 0 && errno != EEXIST)
            refuse('u', "cannot make the directory", path);
        *slash = '/';
    }
}

static void make_directory(void)
{
    char *path = get_path();
    struct stat status;

    make_parents(path);
    if (mkdir(path, EXECUTABLE_MODE) != 0 && (errno != EEXIST || stat(path, &status) != 0 || !S_ISDIR(status.st_mode)))
        refuse('u', "cannot make the directory", path);
    free(path);
}

static void write_all(int file, size_t length, const char *path)
{
    for (size_t done = 0; done < length;) {
        ssize_t written = write(file, buffer + done, length - done);

        if (written < 0 && errno != EINTR)
            refuse('s', "cannot write", path);
        if (written > 0)
            done += (size_t)written;
    }
}

static void write_file(void)
{
    char *path = get_path();
    unsigned char executable;
    int file;

    get(&executable, 1);
    make_parents(path);
    /* What stands there is replaced, not followed. */
    if (unlink(path) != 0 && errno != ENOENT)
        refuse('u', "cannot replace", path);
    file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (file < 0)
        refuse('u', "cannot create", path);
    for (uint32_t length = get_number(CHUNK); length > 0; length = get_number(CHUNK)) {
        get(buffer, length);
        write_all(file, length, path);
    }
    if (fchmod(file, executable ? EXECUTABLE_MODE : FILE_MODE) != 0 || close(file) != 0)
        refuse('s', "cannot write", path);
    free(path);
}

static void read_file(void)
{
    char *path = get_path();
    int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat status;
    ssize_t count;

    if (file < 0 || fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        put("a", 1);
    } else {
        put("c", 1);
        while ((count = read(file, buffer, sizeof buffer)) > 0)
            put_text(buffer, (size_t)count);
        if (count < 0)
            _exit(BROKEN_OFF);
        put_number(0);
    }
    if (file >= 0)
        close(file);
    free(path);
}

/* What the command printed on one stream, up to what is wanted of it. */
struct printed {
    int pipe;
    char *bytes;
    size_t length;
    size_t capacity;
    size_t wanted;
};

/* Takes what is there to be read; false at the end. */
static int take(struct printed *printed)
{
    ssize_t count = read(printed->pipe, buffer, sizeof buffer);
    size_t kept;

    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    kept = printed->wanted - printed->length;
    if (kept > (size_t)count)
        kept = (size_t)count;
    if (printed->length + kept > printed->capacity) {
        printed->capacity = 2 * (printed->length + kept);
        printed->bytes = realloc(printed->bytes, printed->capacity);
        if (printed->bytes == NULL)
            refuse('s', "cannot store", "the output of the command");
    }
    if (kept > 0) {
        memcpy(printed->bytes + printed->length, buffer, kept);
        printed->length += kept;
    }
    return count > 0;
}

static int exit_code(int status)
{
    return WIFSIGNALED(status) ? FIRST_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static void make_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0)
        refuse('s', "cannot make", "a pipe");
}

struct command {
    const char *directory;
    char **words;
    char **variables;
};

static struct command get_command(void)
{
    struct command command = {.directory = get_path()};

    command.words = get_words();
    command.variables = get_words();
    if (command.words[0] == NULL) {
        errno = EINVAL;
        refuse('s', "cannot run", "nothing");
    }
    return command;
}

/* In the child: standard input is empty, and signals do what they do by themselves. 0, or -1 and errno. */
static int prepare_command(void)
{
    sigset_t none;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    return null >= 0 && dup2(null, STDIN_FILENO) == STDIN_FILENO && sigprocmask(SIG_SETMASK, &none, NULL) == 0 ? 0 : -1;
}

/* In the child: becomes the command, or writes the errno into `report`. */
static void become(const struct command *command, int out, int err, int report)
{
    struct rlimit no_core = {0, 0};

    if (prepare_command() == 0 && chdir(command->directory) == 0 && dup2(out, STDOUT_FILENO) == STDOUT_FILENO &&
        dup2(err, STDERR_FILENO) == STDERR_FILENO && setsid() >= 0 && setrlimit(RLIMIT_CORE, &no_core) == 0)
        execve(command->words[0], command->words, command->variables);
    if (write(report, &errno, sizeof errno) < 0)
        _exit(BROKEN_OFF);
    _exit(0);
}

/* Whether a stream has all that is wanted of it: the builder wants a little more than is allowed. */
static int is_full(const struct printed *printed)
{
    return printed->length == printed->wanted;
}

/*
 * Keeps what is printed until the command itself has ended, which it is made to do if it prints all that is wanted; ends if
 * the builder goes away meanwhile.
 */
static int follow(pid_t command, struct printed *out, struct printed *err)
{
    struct pollfd watched[3] = {
        {.fd = STDIN_FILENO, .events = 0}, {.fd = out->pipe, .events = POLLIN}, {.fd = err->pipe, .events = POLLIN}};
    sigset_t none;
    int status;

    sigemptyset(&none);
    /* SIGCHLD is blocked everywhere but in ppoll: it cannot come between the two. */
    while (waitpid(command, &status, WNOHANG) == 0) {
        if (ppoll(watched, 3, NULL, &none) < 0)
            continue;
        if (watched[0].revents != 0)
            _exit(BROKEN_OFF);
        if (watched[1].revents != 0 && !take(out))
            watched[1].fd = -1;
        if (watched[2].revents != 0 && !take(err))
            watched[2].fd = -1;
        if (is_full(out) || is_full(err))
            kill(-1, SIGKILL);
    }
    return exit_code(status);
}

/* Where the kernel counts what the container's limits stopped, in cgroups of either version. No command can write there. */
static const struct {
    const char *file;
    const char *word;
    char limit;
} stopped[] = {
    {"/sys/fs/cgroup/memory.events", "oom_kill", 'm'},
    {"/sys/fs/cgroup/memory/memory.oom_control", "oom_kill", 'm'},
    {"/sys/fs/cgroup/pids.events", "max", 'p'},
    {"/sys/fs/cgroup/pids/pids.events", "max", 'p'},
};

/* The number after a word in a file of such pairs; 0 if there is none. */
static long count_in(const char *file, const char *word)
{
    char name[64];
    long count, found = 0;
    FILE *in = fopen(file, "re");

    if (in == NULL)
        return 0;
    while (fscanf(in, "%63s %ld", name, &count) == 2)
        if (strcmp(name, word) == 0)
            found = count;
    fclose(in);
    return found;
}

static char limit_met(void)
{
    for (size_t i = 0; i < sizeof stopped / sizeof *stopped; i++)
        if (count_in(stopped[i].file, stopped[i].word) > 0)
            return stopped[i].limit;
    return '-';
}

/* Ends whatever the command left running, so that nobody changes a file that is read. */
static void end_all(void)
{
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
}

static void run_command(void)
{
    uint32_t wanted = get_number(INT32_MAX);
    struct command asked = get_command();
    int out[2], err[2], report[2];
    struct printed streams[2] = {{.wanted = wanted}, {.wanted = wanted}};
    int code, error;
    char limit;
    pid_t command;

    make_pipe(out);
    make_pipe(err);
    make_pipe(report);
    command = fork();
    if (command < 0)
        refuse('s', "cannot start", asked.words[0]);
    if (command == 0)
        become(&asked, out[1], err[1], report[1]);
    close(out[1]);
    close(err[1]);
    close(report[1]);
    if (read(report[0], &error, sizeof error) == sizeof error) {
        errno = error;
        refuse('s', "cannot run", asked.words[0]);
    }
    streams[0].pipe = out[0];
    streams[1].pipe = err[0];
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    fcntl(err[0], F_SETFL, O_NONBLOCK);
    code = follow(command, &streams[0], &streams[1]);
    end_all();
    limit = limit_met();
    put("x", 1);
    put_number((uint32_t)code);
    put(&limit, 1);
    for (int i = 0; i < 2; i++) {
        fcntl(streams[i].pipe, F_SETFL, 0);
        while (take(&streams[i]))
            ;
        put_text(streams[i].bytes, streams[i].length);
        close(streams[i].pipe);
    }
}

/* In the child: becomes the command. */
static void begin_command(const struct command *asked, int is_viewed)
{
    int status;

    if (prepare_command() != 0)
        refuse('s', "cannot prepare", asked->words[0]);
    if (is_viewed && view_listen() != 0)
        refuse('s', "cannot listen to the system calls of", asked->words[0]);
    if (chdir(asked->directory) != 0)
        refuse('s', "cannot enter", asked->directory);
    if (write(STATUS_FD, "b", 1) == 1)
        execve(asked->words[0], asked->words, asked->variables);
    status = errno;
    if (ftruncate(STATUS_FD, 0) != 0)
        _exit(BROKEN_OFF);
    errno = status;
    refuse('s', "cannot run", asked->words[0]);
}

/* Runs the command as the last thing that this process does. */
static void run_and_end(int is_viewed)
{
    struct command asked;
    pid_t command;
    int status = 0;

    get_number(INT32_MAX); /* everything is wanted, and the builder looks at how much there is */
    asked = get_command();
    if (is_viewed && view_prepare() != 0)
        refuse('s', "cannot show a view to", asked.words[0]);
    command = fork();
    if (command < 0)
        refuse('s', "cannot start", asked.words[0]);
    if (command == 0)
        begin_command(&asked, is_viewed);
    if (is_viewed)
        _exit(exit_code(view_supervise(command)));
    /* With it ends the process namespace: the kernel kills all others and waits for them. */
    for (pid_t ended = 0; ended != command;)
        ended = waitpid(-1, &status, 0);
    _exit(exit_code(status));
}

static void ignore_child(int signal)
{
    (void)signal;
}

static void hide(void)
{
    signal(SIGPIPE, SIG_IGN);
    /* What the command must not do to this process: attach to it, or open its standard output in /proc. */
    prctl(PR_SET_DUMPABLE, 0);
    umask(022);
}

static void prepare(void)
{
    struct sigaction action = {.sa_handler = ignore_child};
    sigset_t child;

    /* Init gets no signal without a handler, and follow() is to be woken. */
    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    hide();
}

static int is_first(const char *what)
{
    if (getpid() == 1)
        return 1;
    fprintf(stderr, "jdist-sandbox: %s is for the first process of a container\n", what);
    return 0;
}

/* The next request; false when there are no more. Files and directories are put in on the way. */
static int next_request(char *request)
{
    for (;;) {
        ssize_t count = read(STDIN_FILENO, request, 1);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return 0;
        switch (*request) {
        case 'd':
            make_directory();
            break;
        case 'f':
            write_file();
            break;
        default:
            return 1;
        }
    }
}

static void refuse_request(void)
{
    errno = EPROTO;
    refuse('s', "cannot understand", "a request");
}

int serve(void)
{
    char request;

    if (!is_first("serve"))
        return BROKEN_OFF;
    prepare();
    while (next_request(&request)) {
        if (request == 'r')
            run_command();
        else if (request == 'o')
            read_file();
        else
            refuse_request();
    }
    return 0;
}

static void close_at_exec(int file, const char *what)
{
    if (fcntl(file, F_SETFD, FD_CLOEXEC) != 0)
        refuse('s', "cannot use", what);
}

int await_command(const char *user, int has_view)
{
    char request;
    int is_viewed = 0;

    if (!is_first("await"))
        return OWN_FAILURE;
    runs_once = 1;
    close_at_exec(STATUS_FD, "the file for the status");
    if (has_view) {
        close_at_exec(VIEW_FD, "the pipe to the builder");
        close_at_exec(CONTENTS_FD, "the directory of contents");
    }
    if (user != NULL && users_become((uid_t)strtoul(user, NULL, 10), has_view ? (int)CONTENTS_FD : (int)STATUS_FD) != 0)
        refuse('s', "cannot become the user of jobs,", user);
    hide();
    if (next_request(&request)) {
        if (request == 'v') {
            is_viewed = 1;
            if (!has_view || !next_request(&request))
                refuse_request();
        }
        if (request != 'r')
            refuse_request();
        run_and_end(is_viewed);
    }
    return 0;
}
