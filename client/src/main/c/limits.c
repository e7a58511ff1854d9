#include "limits.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Those that most callers do not have. */
static const int unusual[] = {RLIMIT_AS, RLIMIT_DATA, RLIMIT_RSS, RLIMIT_FSIZE, RLIMIT_CPU};
/* Those that everybody has, and of which a daemon takes as much as it may. */
static const int usual[] = {RLIMIT_NOFILE, RLIMIT_NPROC};

enum { UNUSUAL = sizeof unusual / sizeof *unusual, USUAL = sizeof usual / sizeof *usual };

/* As prlimit, which C libraries declare with different types. */
static int change_limit(int resource, const struct rlimit *changed, struct rlimit *before)
{
    return (int)syscall(SYS_prlimit64, 0, resource, changed, before);
}

static int is_limited(int resource)
{
    struct rlimit limit;

    return change_limit(resource, NULL, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

int has_own_limits(void)
{
    for (size_t i = 0; i < UNUSUAL; i++)
        if (is_limited(unusual[i]))
            return 1;
    return 0;
}

int has_small_files(void)
{
    return is_limited(RLIMIT_FSIZE);
}

static void raise_to_hard_limit(int resource)
{
    struct rlimit limit;

    if (change_limit(resource, NULL, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        change_limit(resource, &limit, NULL);
    }
}

/* Others than root can make themselves more likely to be killed, but not less likely. */
static void be_as_important_as_others(void)
{
    char score[16] = "";
    int file = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);

    if (file < 0)
        return;
    if (read(file, score, sizeof score - 1) > 0 && atoi(score) > 0)
        (void)!pwrite(file, "0", 1, 0);
    close(file);
}

void drop_callers_limits(void)
{
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    const struct sched_param ordinary = {.sched_priority = 0};
    sigset_t nothing;

    for (size_t i = 0; i < UNUSUAL; i++)
        if (change_limit(unusual[i], &none, NULL) != 0)
            raise_to_hard_limit(unusual[i]);
    for (size_t i = 0; i < USUAL; i++)
        raise_to_hard_limit(usual[i]);
    if (sched_getscheduler(0) != SCHED_OTHER)
        sched_setscheduler(0, SCHED_OTHER, &ordinary);
    if (getpriority(PRIO_PROCESS, 0) > 0)
        setpriority(PRIO_PROCESS, 0, 0);
    be_as_important_as_others();
    umask(umask(0) | S_IWOTH);
    for (int number = 1; number < SIGRTMIN; number++)
        signal(number, SIG_DFL);
    sigemptyset(&nothing);
    sigprocmask(SIG_SETMASK, &nothing, NULL);
}
