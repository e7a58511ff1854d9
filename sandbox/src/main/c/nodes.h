#ifndef JDIST_NODES_H
#define JDIST_NODES_H

#include <stddef.h>
#include <stdint.h>

/* What is at one path, as the builder said. */
enum kind {
    ABSENT,
    DIRECTORY,
    REGULAR_FILE,
    SYMBOLIC_LINK,
    /* What the lower tree has in this place. */
    LOWER,
    /* The command made it, or made away with it: what is in place counts, and may change. */
    OWN,
    /* Something, of which more has to be asked for: as good as not known. */
    UNSEEN,
};

/* What the command had to do with it; a later one counts for more. */
enum use { UNUSED, FOUND_ABSENT, SEEN, LISTED, READ };

struct content {
    const char *name; /* in the directory of contents */
    uint64_t size, same_file;
    int64_t mtime; /* in nanoseconds */
    uint32_t mode;
};

struct node {
    struct node *parent;      /* the root's is the root */
    struct node *next_child;  /* of the same parent */
    struct node *first_child;
    struct node *next_alike;  /* of the same bucket */
    struct node *next_made;
    const char *name;
    const char *target;             /* of a link: of the lower tree, only when it was read */
    const struct content *content;  /* of a regular file */
    uint32_t number;
    uint32_t unseen; /* of a directory: how many of its children are */
    uint16_t length;      /* of the name */
    uint16_t path_length; /* of the absolute path, 0 for the root */
    uint8_t kind, use;
    uint8_t type;           /* of LOWER: what it was found to be, ABSENT before */
    uint8_t is_in_place;    /* as the view says */
    uint8_t is_placeholder; /* a regular file is in place, but for its content */
    uint8_t is_complete;    /* of a directory: what is not among its children is absent */
    uint8_t is_listed;      /* of a directory: what is in place is what the view says, and nothing else */
};

extern struct node root_node;

/* A node that is known, or NULL. */
struct node *node_find(const struct node *directory, const char *name, size_t length);

/* A node of a directory of the view, for which the builder is asked if it is not known. */
struct node *node_get(struct node *directory, const char *name, size_t length);

/* Adds one that is not known. */
struct node *node_add(struct node *directory, const char *name, size_t length, enum kind kind);

/* Sees to it that the directory is complete. */
void node_get_all(struct node *directory);

void node_note(struct node *node, enum use use);

/* Writes its absolute path, which is shorter than PATH_MAX, and "" for the root. */
void node_path(const struct node *node, char *path);

/* Has the builder put a content where its name says. */
void content_fetch(const struct content *content);

/* The node that was put in place first of those that are one file, which this one becomes if there is none. */
struct node *content_first(struct node *node);

/* Tells the builder about all uses, and returns when it knows. */
void nodes_report(void);

/* Ends this sandbox as the view cannot be shown; the builder is told why, and errno if that is not 0. */
void view_failed(int error, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

#endif
