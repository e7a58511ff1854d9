/*
 * What client commands tell of what they do, where SCCACHE_LOG asks for it. Compiles tell nothing: what they print is the
 * compiler's, and configure scripts and build tools read it.
 */
#ifndef JDIST_LOG_H
#define JDIST_LOG_H

/* Prints a line to standard error, as env_logger would, if SCCACHE_LOG lets messages of level debug through. */
void debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
