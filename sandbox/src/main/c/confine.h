#ifndef JDIST_CONFINE_H
#define JDIST_CONFINE_H

/* Takes the words behind "confine". Returns only if it fails, with the exit status. */
int confine(char **words);

#endif
