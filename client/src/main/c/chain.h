/*
 * What jdist runs or becomes may call jdist again: a ccache that finds a link to jdist under the compiler's name, a script that
 * calls "jdist g++" and is g++ itself. A variable tells the jdist below which programs were called on the way, and whether
 * a jdist above waits for it, in a request to the daemon that this one must not wait for in turn.
 */
#ifndef JDIST_CHAIN_H
#define JDIST_CHAIN_H

#include <sys/stat.h>

/* Whether a jdist above this process has called that program, under whichever name. */
int is_in_chain(const struct stat *program);

/* Whether a jdist above waits for this process to end. */
int is_waited_for(void);

/* Adds the program that is to be called; false if there are too many. */
int extend_chain(const struct stat *program);

enum waiting { NOBODY_WAITS, SOMEBODY_WAITS };

/* Puts the chain into the environment of what this process runs or becomes. Whoever is waited for stays so. */
void pass_chain(enum waiting waiting);

#endif
