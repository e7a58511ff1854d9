/* Finding the client daemon, and starting this and other daemons in the background. */
#ifndef JDIST_DAEMON_H
#define JDIST_DAEMON_H

#include <stddef.h>
#include <sys/types.h>

enum { CANNOT_START = 2 };

/* Where jdist is installed: bin/jdist is below it. */
extern char home[];

/* The client daemon's socket, once find_socket() has said that there is a place for one; else, what is wrong with the place. */
extern char socket_path[], socket_problem[];
int find_socket(void);

/*
 * Stands for what this process sees under which path, and the processes that it sees: namespaces of mounts and processes, root
 * directory and what is mounted there. Empty if that cannot be told.
 */
char *own_view(void);

/* A connection to the client daemon, or -1 if none runs. Never one to a process of another user. */
int connect_to_daemon(void);

/*
 * Starts the client daemon unless it runs. One launcher does it and the others wait for it. After a failure, a launcher
 * that does not insist goes on without a daemon for some seconds. Returns a connection, or -1 with the reason in
 * `report`, which is empty if the failure was another launcher's to tell.
 */
int start_client_daemon(int insist, char *report, size_t size);

/*
 * Starts a Java program in the background and waits until it serves. Returns whether it does; `report` then says where,
 * else why not.
 */
int start_in_background(const char *program, const char *heap, char **arguments, pid_t *pid, char *report, size_t size);

/* Becomes Java running a program: scheduler, builder or client. `property` is one -D option, or empty. */
void become_java(const char *program, const char *heap, const char *property, char **arguments)
    __attribute__((noreturn));

/* Whether SCCACHE_NO_DAEMON=1. */
int stays_in_foreground(void);

/* Makes a variable's relative path absolute: a daemon works in the root directory, where it would lead elsewhere. */
void make_absolute(const char *variable);

/* An environment variable; unset and empty are the same. */
const char *setting(const char *name, const char *fallback);

#endif
