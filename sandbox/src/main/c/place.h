#ifndef JDIST_PLACE_H
#define JDIST_PLACE_H

#include "nodes.h"

/* Opens the job's root. Returns -1 and errno if that fails. */
int place_prepare(void);

/* Sees to it that what the view says of a node is in place, content and all. */
void place(struct node *node);

/* The same, but a file may do without its content: it has its name, size, mode and time. */
void place_name(struct node *node);

/* The same, but it does without its content only if that would have to be fetched. */
void place_look(struct node *node);

/* Makes sure that there is nothing of this name in a directory, which is put in place. */
void place_nothing(struct node *directory, const char *name);

/* Has a directory list what the view says, and what the command made. */
void place_listing(struct node *directory);

/* DIRECTORY, REGULAR_FILE (for whatever is neither of the others), SYMBOLIC_LINK, or ABSENT: what is there for the command. */
enum kind place_type(struct node *node);

/* The same for a name in a directory that the command has made. */
enum kind place_type_of_own(struct node *directory, const char *name);

/* The target of a link, which may be changed by the next call; NULL if it is none any more. */
const char *place_target(struct node *node);

/* What can be read from the beginning of a file in place, or -1. */
long place_read(struct node *node, void *bytes, size_t count, uint64_t at);

/* To be called when directories may have got other names. */
void place_forget(void);

#endif
