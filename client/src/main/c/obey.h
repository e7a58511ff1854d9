/* What the launcher does for the client daemon once it has asked: see message.h. */
#ifndef JDIST_OBEY_H
#define JDIST_OBEY_H

/* As shells have it: a program that cannot be run, and one that is not there. */
enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

/*
 * Does what the daemon says, and ends with what it says at the end. Returns true if it says to become the compiler, false
 * if it is gone or talks nonsense, which comes to the same. A message is read to its end before anything is done.
 */
int obey(int daemon);

#endif
