#ifndef JDIST_SERVE_H
#define JDIST_SERVE_H

/* Fills, runs and empties this container as standard input asks; returns the exit status when that ends. */
int serve(void);

#endif
