/* What intruder.c and harm.c know of each other. */

/* A value from the command line; empty if there is none. */
const char *aim(const char *key);

/* Takes without end, if there is an attempt of this name. */
void overrun(const char *what);

/* Puts something into the place of the output. */
void trap(const char *kind);

/* Changes what it can of the toolchain, and looks whether an earlier job did. */
int spoil(void);
int look_for_traces(void);

/* Is there to be attacked: has an abstract socket of this name, a port and shared memory, and says which. */
int victim(const char *name);
