#ifndef JDIST_SERVE_H
#define JDIST_SERVE_H

/* Where `confine --status` opens a file for `await`. */
enum { STATUS_FD = 3 };

/* Fills, runs and empties this container as standard input asks; returns the exit status when that ends. */
int serve(void);

/*
 * Becomes USER, unless that is NULL, fills this sandbox as standard input asks, and becomes as good as the command that it
 * is then given; see serve.c. HAS_VIEW says that `confine --view` has opened what a view takes.
 */
int await_command(const char *user, int has_view);

#endif
