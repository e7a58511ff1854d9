#ifndef JDIST_VIEW_H
#define JDIST_VIEW_H

#include <sys/types.h>

/* Where `confine --view` opens, for `await`, the pipe to the builder and the directory of contents. */
enum { VIEW_FD = 4, CONTENTS_FD = 5 };

/* To be called before the command's process is made. Returns -1 and errno if that fails. */
int view_prepare(void);

/* In the command's process: has its calls wait for view_supervise(). Returns -1 and errno if that fails. */
int view_listen(void);

/*
 * Shows the view to the command, tells the builder at the end what it had to do with it, and returns how it ended, as
 * waitpid() does. Ends this process where the view cannot be shown.
 */
int view_supervise(pid_t command);

/* In a command: tells whether the view of the builder's self-test is shown: exit status 0, or 1 and a line on standard error. */
int view_prove(void);

#endif
