/*
 * The user of jobs, where root runs the builder: one that owns nothing on the machine. Were a job to get out of its
 * sandbox, it would otherwise be root to files, though without capabilities.
 *
 * Bubblewrap maps one user into the namespace that it makes, the caller's. So it is given a namespace that has two: root
 * for bubblewrap, which finds the job's files wherever they are, and the user of jobs, which the first process in the
 * sandbox becomes before it reads anything.
 */
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_FILES = 64 };

static int write_map(pid_t process, const char *name, uid_t own, uid_t jobs)
{
    char path[64], text[64];
    int file, length, written, error;

    snprintf(path, sizeof path, "/proc/%ld/%s", (long)process, name);
    length = snprintf(text, sizeof text, "%u %u 1\n%u %u 1\n", own, own, jobs, jobs);
    file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    written = write(file, text, (size_t)length) == length;
    error = errno;
    close(file);
    errno = error;
    return written ? 0 : -1;
}

/* In the child: says whether there is a namespace, and keeps it until the caller has it, or is gone. */
static void hold_namespace(int caller)
{
    int error = unshare(CLONE_NEWUSER) == 0 ? 0 : errno;

    if (write(caller, &error, sizeof error) == sizeof error)
        while (read(caller, &error, sizeof error) < 0 && errno == EINTR)
            ;
    _exit(0);
}

static int open_mapped(pid_t holder, int report, uid_t jobs, const char **what)
{
    char path[64];
    int error = 0;

    *what = "make a user namespace for";
    if (read(report, &error, sizeof error) != sizeof error)
        error = ECHILD;
    if (error != 0) {
        errno = error;
        return -1;
    }
    *what = "map the user of jobs into a namespace:";
    if (write_map(holder, "uid_map", geteuid(), jobs) != 0 || write_map(holder, "gid_map", getegid(), jobs) != 0)
        return -1;
    *what = "open the user namespace for";
    snprintf(path, sizeof path, "/proc/%ld/ns/user", (long)holder);
    return open(path, O_RDONLY | O_CLOEXEC);
}

int users_open(uid_t jobs, const char **what)
{
    int ends[2], namespace, error;
    pid_t holder;

    *what = "make a pair of sockets for";
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    *what = "fork for";
    holder = fork();
    if (holder == 0) {
        close(ends[0]);
        hold_namespace(ends[1]);
    }
    close(ends[1]);
    namespace = holder < 0 ? -1 : open_mapped(holder, ends[0], jobs, what);
    error = errno;
    /* The child reads the end of it. */
    close(ends[0]);
    while (holder > 0 && waitpid(holder, NULL, 0) < 0 && errno == EINTR)
        ;
    errno = error;
    return namespace;
}

int users_become(uid_t jobs, int kept)
{
    /* What <linux/capability.h> has, which not every C library comes with: of version 3, for this process. */
    struct { uint32_t version; int process; } header = {.version = 0x20080522};
    const struct { uint32_t effective, permitted, inheritable; } none[2] = {{0}};

    /* Bubblewrap leaves the namespace open that it was given: one of the first numbers. */
    for (int file = kept + 1; file < MOST_FILES; file++)
        close(file);
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
        if (prctl(PR_CAPBSET_DROP, capability) != 0)
            return -1;
    /*
     * The user that is kept aside is replaced by execve. Up to then bubblewrap, which has no capabilities either, may end
     * this process with its own end.
     */
    if (setgroups(0, NULL) != 0 || setresgid(jobs, jobs, jobs) != 0 || setresuid(jobs, jobs, geteuid()) != 0 ||
        syscall(SYS_capset, &header, none) != 0)
        return -1;
    /* The kernel forgets it when a process becomes another user. */
    return prctl(PR_SET_PDEATHSIG, SIGKILL);
}
