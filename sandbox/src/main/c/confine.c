/*
 * jdist-sandbox confine [OPTION VALUE]... -- PROGRAM ARGUMENT...
 *
 * Becomes PROGRAM, and lets it and all that it starts take only so much:
 *
 *   --cgroup DIRECTORY    be a member of this cgroup; may be given more than once
 *   --file-size BYTES     write no file that is larger
 *   --nice NUMBER         stand back so far behind others who want the processor, and with it the session that this leads
 *   --status FILE         have PROGRAM find this file open for appending, as STATUS_FD
 *   --view DIRECTORY FILE have PROGRAM find its standard output open as VIEW_FD, and DIRECTORY as CONTENTS_FD; what it
 *                         prints is appended to FILE
 *   --filter OPTION       have PROGRAM, told by OPTION, take a filter of system calls from a file descriptor
 *   --users USER OPTION   have PROGRAM, told by OPTION, enter a user namespace from a file descriptor that has USER too
 *
 * Should the machine run out of memory, the kernel takes PROGRAM first, and not the builder.
 */
#include "confine.h"
#include "filter.h"
#include "serve.h"
#include "users.h"
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { OWN_FAILURE = 125, NO_NICENESS = 100 };

static int failed(const char *what, const char *name)
{
    fprintf(stderr, "jdist-sandbox: cannot %s %s: %s\n", what, name, strerror(errno));
    return OWN_FAILURE;
}

static int write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC), error;
    ssize_t written;

    if (file < 0)
        return -1;
    written = write(file, text, strlen(text));
    error = errno;
    close(file);
    errno = error;
    return written < 0 ? -1 : 0;
}

static int join(const char *cgroup)
{
    char path[4096];

    if ((size_t)snprintf(path, sizeof path, "%s/cgroup.procs", cgroup) >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return write_file(path, "0");
}

static int limit_file_size(const char *bytes)
{
    struct rlimit most;

    most.rlim_cur = most.rlim_max = (rlim_t)strtoull(bytes, NULL, 10);
    return setrlimit(RLIMIT_FSIZE, &most);
}

/* PROGRAM's own way to say something: whatever it starts may write to the standard streams. */
static int open_status(const char *path)
{
    int file = open(path, O_WRONLY | O_APPEND);

    if (file < 0 || file == STATUS_FD)
        return file;
    return dup2(file, STATUS_FD) == STATUS_FD && close(file) == 0 ? STATUS_FD : -1;
}

/* The pipe to the builder is its own, so that nothing that is printed gets into it. */
static int open_view(const char *contents, const char *output)
{
    int directory, file;

    if (dup2(STDOUT_FILENO, VIEW_FD) != VIEW_FD || (directory = open(contents, O_PATH | O_DIRECTORY)) < 0)
        return -1;
    if (directory != CONTENTS_FD && (dup2(directory, CONTENTS_FD) != CONTENTS_FD || close(directory) != 0))
        return -1;
    file = open(output, O_WRONLY | O_APPEND | O_CLOEXEC);
    return file >= 0 && dup2(file, STDOUT_FILENO) == STDOUT_FILENO && close(file) == 0 ? 0 : -1;
}

static int session_niceness(const char *path)
{
    FILE *file = fopen(path, "re");
    int niceness = 0;

    if (file == NULL)
        return NO_NICENESS;
    if (fscanf(file, "/autogroup-%*d nice %d", &niceness) != 1)
        niceness = NO_NICENESS;
    fclose(file);
    return niceness;
}

/*
 * Has the session of LEADER, whose niceness is known, stand back as far as LEADER does. Where the kernel weighs sessions
 * against each other (kernel.sched_autogroup_enabled), niceness counts for nothing beyond one. False means that it is to be
 * tried again: to those without rights the kernel grants one such change in a tenth of a second, for all of them together.
 */
int sink_session(pid_t leader)
{
    char path[64], number[16];
    int niceness = getpriority(PRIO_PROCESS, (id_t)leader);

    snprintf(path, sizeof path, "/proc/%ld/autogroup", (long)leader);
    snprintf(number, sizeof number, "%d", niceness);
    if (session_niceness(path) == NO_NICENESS || session_niceness(path) == niceness)
        return 1;
    return write_file(path, number) == 0 || errno != EAGAIN;
}

static int stand_back(const char *steps)
{
    errno = 0; /* -1 may be the new niceness */
    if (nice((int)strtol(steps, NULL, 10)) == -1 && errno != 0)
        return -1;
    if (getsid(0) == getpid())
        (void)sink_session(getpid()); /* whoever waits for the job tries again */
    return 0;
}

/*
 * Makes OPTION and the number of its file descriptor PROGRAM's first arguments. What stands before it is done with, and is
 * enough to move it by two places for each such option: at least `OPTION VALUE`, and `--`.
 */
static char **with_file(char **program, char *option, char number[static 16], int file)
{
    if (file < 0 || fcntl(file, F_SETFD, 0) != 0)
        return NULL;
    snprintf(number, 16, "%d", file);
    program[-2] = program[0];
    program[-1] = option;
    program[0] = number;
    return program - 2;
}

int confine(char **words)
{
    static char numbers[2][16];
    char *filter_option = NULL, *users_option = NULL, *user = NULL, **program;

    for (; words[0] != NULL && strcmp(words[0], "--") != 0; words += 2) {
        char *value = words[1];

        if (value == NULL)
            break;
        if (strcmp(words[0], "--cgroup") == 0 && join(value) != 0)
            return failed("join the cgroup", value);
        if (strcmp(words[0], "--file-size") == 0 && limit_file_size(value) != 0)
            return failed("limit files to", value);
        if (strcmp(words[0], "--nice") == 0 && stand_back(value) != 0)
            return failed("set the niceness to", value);
        if (strcmp(words[0], "--status") == 0 && open_status(value) < 0)
            return failed("open", value);
        if (strcmp(words[0], "--view") == 0 && words[2] != NULL && open_view(value, (++words)[1]) != 0)
            return failed("show views out of", value);
        if (strcmp(words[0], "--filter") == 0)
            filter_option = value;
        if (strcmp(words[0], "--users") == 0 && words[2] != NULL) {
            user = value;
            users_option = (++words)[1];
        }
    }
    if (words[0] == NULL || words[1] == NULL) {
        fprintf(stderr, "jdist-sandbox: wrong arguments; the builder of the same version calls it\n");
        return OWN_FAILURE;
    }
    /* A kernel without this, or one that forbids it, picks its victim by itself. */
    (void)write_file("/proc/self/oom_score_adj", "1000");
    program = words + 1;
    if (filter_option != NULL && (program = with_file(program, filter_option, numbers[0], filter_open())) == NULL)
        return failed("filter system calls with", filter_option);
    if (user != NULL) {
        const char *what = "";
        int file = users_open((uid_t)strtoul(user, NULL, 10), &what);

        if ((program = with_file(program, users_option, numbers[1], file)) == NULL)
            return failed(what, user);
    }
    execv(program[0], program);
    return failed("run", program[0]);
}
