#ifndef JDIST_CONFINE_H
#define JDIST_CONFINE_H

#include <sys/types.h>

/* Takes the words behind "confine". Returns only if it fails, with the exit status. */
int confine(char **words);

/* Sinks the session of a process to its niceness; false if that is to be tried again. See confine.c. */
int sink_session(pid_t leader);

#endif
