#ifndef JDIST_USERS_H
#define JDIST_USERS_H

#include <sys/types.h>

/*
 * A user namespace in which there are this process's user and that of jobs, each called as outside. Takes root, and no
 * process is in it. Returns a file descriptor of it, or -1, with what failed in `what`.
 */
int users_open(uid_t jobs, const char **what);

/*
 * Gives up this process's user, groups and capabilities for those of jobs: for good where another program is run, up to which
 * this process can still be killed by those of the user that it was. Of open files, those up to the number KEPT stay.
 * Returns -1 and errno if that fails.
 */
int users_become(uid_t jobs, int kept);

#endif
