/* What a caller is allowed, and what a daemon that it starts makes of that. */
#ifndef JDIST_LIMITS_H
#define JDIST_LIMITS_H

/* Whether there are limits here (ulimit -v, -d, -m, -f, -t) with which a program may fail that works for other callers. */
int has_own_limits(void);

/* Whether there is one on the size of files. */
int has_small_files(void);

/*
 * For a daemon, which serves callers with other limits: takes back, as far as it is allowed to, limits on resources, priority and
 * what is preferred when memory runs out, and ignored and blocked signals. What it makes is never for others to write to. What
 * is left of the limits, InheritedLimits in Java tells.
 */
void drop_callers_limits(void);

#endif
