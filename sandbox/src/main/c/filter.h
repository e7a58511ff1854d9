#ifndef JDIST_FILTER_H
#define JDIST_FILTER_H

/*
 * The filter of system calls for jobs on this machine, as a file without a name that programs which are started from here
 * inherit; or -1, and errno.
 */
int filter_open(void);

/*
 * Has every call of this process and its children that takes a path wait from now on for whoever listens: the file
 * descriptor to do that with, which closes at execve; or -1, and errno.
 */
int filter_listen(void);

/* Writes one of the filters for "x86_64" or "aarch64" to standard output, that of views if it ASKS; returns the exit status. */
int filter_print(const char *machine, int asks);

/* Tells whether a filter from here is in force for this process: exit status 0, or 1 and a line on standard error. */
int filter_prove(void);

#endif
