/*
 * Fuzz target: what the launcher makes of the report of a daemon that starts. The input, behind the byte for faults.h, is all
 * that comes out of the pipe.
 *
 * Whatever it is, the launcher waits no longer than it is told, and keeps a line of text.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../../../../sandbox/src/test/c/faults.h"

enum { PIPE = 7 };

static long long clock_now; /* in milliseconds */

static int fake_poll(struct pollfd *polled, nfds_t count, int timeout)
{
    CHECK(count == 1 && polled->fd == PIPE && timeout > 0);
    if (strikes(8))
        return errno = EINTR, -1;
    if (strikes(8)) {
        clock_now += timeout;
        return 0;
    }
    clock_now += chance(100);
    return 1;
}

static ssize_t fake_read(int fd, void *bytes, size_t count)
{
    CHECK(fd == PIPE);
    return read_input(bytes, count);
}

static int fake_clock(struct timespec *time)
{
    time->tv_sec = (time_t)(clock_now / 1000);
    time->tv_nsec = (long)(clock_now % 1000 * 1000000);
    return 0;
}

#define poll fake_poll
#define read fake_read
#define clock_gettime(clock, time) fake_clock(time)

#include "../../main/c/chain.c"

#include "../../main/c/limits.c"

#include "../../main/c/daemon.c"

void be_patient(int connection)
{
    (void)connection;
}

void *must(void *memory)
{
    return memory;
}

void say(const char *format, ...)
{
    CHECK(format[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char report[64] = "";

    begin_world(data, size);
    clock_now = 1000;
    (void)read_report(PIPE, getpid(), report, sizeof report);
    CHECK(strlen(report) < sizeof report);
    return 0;
}
