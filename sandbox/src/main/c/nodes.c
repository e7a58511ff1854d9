/*
 * What the builder said of each path, and the conversation in which it does.
 *
 * Questions leave on VIEW_FD, answers come on standard input, behind the request to run the command. Numbers are big
 * endian, of 32 bits, or of 64 where it says LONG; a text is its length and its bytes, UTF-8 where it is a path.
 *
 *   n TEXT TEXT                what is in this directory at this name?
 *   a TEXT                     what is in this directory?
 *      e OCTET N (TEXT NODE)*N its entries, all of them if OCTET is not 0, as it has to be for `a`
 *         a NODE is one of
 *         -                    there is nothing of this name
 *         d                    a directory
 *         f TEXT LONG LONG NUMBER LONG
 *                              a regular file: name of its content, size, mtime in nanoseconds, mode, and a number that it
 *                              shares with those that are the same file (0: there are none)
 *         l TEXT               a link, and its target
 *         t                    what the lower tree has here
 *         ?                    something: it is asked for by its name when it matters; not in an answer to `a`, nor to its name
 *   f TEXT                     put this content into the directory of contents
 *      k                       it is there
 *   u N (OCTET TEXT)*N         the command has ended: what it had to do with paths, r for read, l for listed, s for seen, a for
 *                              found to be absent
 *      k                       that arrived
 *   x TEXT                     the view cannot be shown, for this reason; the sandbox ends
 *
 * The first word about a path counts. When standard input ends, or an answer is not one of these, the sandbox ends.
 */
#include "nodes.h"
#include "view.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BROKEN_OFF = 1,
    OWN_FAILURE = 125,
    CHUNK = 64 * 1024,
    MOST_NODES = 1 << 20, /* some 200 bytes each */
    MOST_CONTENT_NAME = 255,
    ARENA = 256 * 1024,
    FIRST_BUCKETS = 1 << 12,
};

struct node root_node = {.parent = &root_node, .name = "", .kind = DIRECTORY, .is_in_place = 1};

static struct node **buckets;
static uint32_t bucket_count, node_count = 1;
static struct node *last_made = &root_node;

static struct {
    unsigned char bytes[CHUNK];
    size_t at, end;
} in, out;

static char *arena;
static size_t arena_left;

static void flush(void)
{
    for (out.at = 0; out.at < out.end;) {
        ssize_t written = write(VIEW_FD, out.bytes + out.at, out.end - out.at);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(BROKEN_OFF);
        out.at += (size_t)written;
    }
    out.end = 0;
}

static void put(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;

    while (length > 0) {
        size_t part = sizeof out.bytes - out.end < length ? sizeof out.bytes - out.end : length;

        memcpy(out.bytes + out.end, at, part);
        out.end += part;
        at += part;
        length -= part;
        if (out.end == sizeof out.bytes)
            flush();
    }
}

static void put_number(uint32_t number)
{
    uint32_t big_endian = htonl(number);

    put(&big_endian, sizeof big_endian);
}

static void put_text(const char *text, size_t length)
{
    put_number((uint32_t)length);
    put(text, length);
}

/* As strict as the builder is. */
static int is_utf8(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;

    while (at < end) {
        unsigned char first = *at++;
        int more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;

        if (more < 0 || end - at < more)
            return 0;
        /* Too long for what it says, half of a pair, and behind the last. */
        if ((first == 0xe0 && *at < 0xa0) || (first == 0xed && *at > 0x9f) || (first == 0xf0 && *at < 0x90) ||
            (first == 0xf4 && *at > 0x8f))
            return 0;
        for (; more > 0; more--)
            if ((*at++ & 0xc0) != 0x80)
                return 0;
    }
    return 1;
}

void view_failed(int error, const char *format, ...)
{
    char message[2 * PATH_MAX];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (error != 0 && length >= 0 && (size_t)length < sizeof message)
        snprintf(message + length, sizeof message - (size_t)length, ": %s", strerror(error));
    if (!is_utf8(message, strlen(message))) /* a name of the command's, or half a character */
        for (char *at = message; *at != '\0'; at++)
            *at = (unsigned char)*at < 0x80 ? *at : '?';
    put("x", 1);
    put_text(message, strlen(message));
    flush();
    /* Where the command never began, this is what is looked at. */
    dprintf(STDERR_FILENO, "jdist-sandbox: %s\n", message);
    _exit(OWN_FAILURE);
}

static void refuse_answer(void)
{
    view_failed(0, "the builder gave an answer that cannot be understood");
}

static void get(void *bytes, size_t length)
{
    unsigned char *to = bytes;

    while (length > 0) {
        size_t part = in.end - in.at < length ? in.end - in.at : length;

        if (part == 0) {
            ssize_t count = read(STDIN_FILENO, in.bytes, sizeof in.bytes);

            if (count < 0 && errno == EINTR)
                continue;
            if (count <= 0)
                _exit(BROKEN_OFF);
            in.at = 0;
            in.end = (size_t)count;
            continue;
        }
        memcpy(to, in.bytes + in.at, part);
        in.at += part;
        to += part;
        length -= part;
    }
}

static unsigned char get_octet(void)
{
    unsigned char octet;

    get(&octet, 1);
    return octet;
}

static uint32_t get_number(uint32_t most)
{
    uint32_t number;

    get(&number, sizeof number);
    number = ntohl(number);
    if (number > most)
        refuse_answer();
    return number;
}

static uint64_t get_long(void)
{
    uint64_t high = get_number(UINT32_MAX);

    return high << 32 | get_number(UINT32_MAX);
}

/* Memory that is never freed, for any type. */
static void *allocate(size_t size)
{
    void *memory;

    size = (size + 15) & ~(size_t)15;
    if (size > arena_left) {
        arena = malloc(ARENA);
        if (arena == NULL)
            view_failed(ENOMEM, "cannot store what the view says");
        arena_left = ARENA;
    }
    memory = arena;
    arena += size;
    arena_left -= size;
    return memory;
}

static const char *copy_of(const char *text, size_t length)
{
    char *copy = allocate(length + 1);

    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

/* A text that is not empty and has no NUL byte, at most `most` bytes long; returns its length. */
static size_t get_text(char *text, size_t most)
{
    size_t length = get_number((uint32_t)most);

    get(text, length);
    text[length] = '\0';
    if (length == 0 || strlen(text) != length)
        refuse_answer();
    return length;
}

static uint32_t hash_of(const struct node *directory, const char *name, size_t length)
{
    uint32_t hash = 2166136261u ^ directory->number * 0x9e3779b1u;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    return hash ^ hash >> 15;
}

static void grow(void)
{
    uint32_t count = bucket_count == 0 ? FIRST_BUCKETS : 2 * bucket_count;
    struct node **more = calloc(count, sizeof *more);

    if (more == NULL)
        view_failed(ENOMEM, "cannot store what the view says");
    for (struct node *node = root_node.next_made; node != NULL; node = node->next_made) {
        uint32_t bucket = hash_of(node->parent, node->name, node->length) & (count - 1);

        node->next_alike = more[bucket];
        more[bucket] = node;
    }
    free(buckets);
    buckets = more;
    bucket_count = count;
}

/* With those that are unseen. */
static struct node *find(const struct node *directory, const char *name, size_t length)
{
    struct node *node;

    if (bucket_count == 0)
        return NULL;
    node = buckets[hash_of(directory, name, length) & (bucket_count - 1)];
    while (node != NULL && (node->parent != directory || node->length != length || memcmp(node->name, name, length) != 0))
        node = node->next_alike;
    return node;
}

struct node *node_find(const struct node *directory, const char *name, size_t length)
{
    struct node *node = find(directory, name, length);

    return node == NULL || node->kind == UNSEEN ? NULL : node;
}

struct node *node_add(struct node *directory, const char *name, size_t length, enum kind kind)
{
    struct node *node = find(directory, name, length);
    uint32_t bucket;

    if (node != NULL) {
        node->kind = (uint8_t)kind;
        directory->unseen--;
        return node;
    }
    if (kind == UNSEEN)
        directory->unseen++;
    if (node_count >= MOST_NODES)
        view_failed(0, "the command asked for more than %d paths", (int)MOST_NODES);
    if (node_count > bucket_count)
        grow();
    bucket = hash_of(directory, name, length) & (bucket_count - 1);
    node = allocate(sizeof *node);
    *node = (struct node){
        .parent = directory,
        .next_child = directory->first_child,
        .next_alike = buckets[bucket],
        .name = copy_of(name, length),
        .number = node_count++,
        .length = (uint16_t)length,
        .path_length = (uint16_t)(directory->path_length + 1 + length),
        .kind = (uint8_t)kind,
    };
    directory->first_child = node;
    buckets[bucket] = node;
    last_made->next_made = node;
    last_made = node;
    return node;
}

void node_note(struct node *node, enum use use)
{
    if (node->kind != OWN && node->use < use)
        node->use = (uint8_t)use;
}

void node_path(const struct node *node, char *path)
{
    path[node->path_length] = '\0';
    for (; node != &root_node; node = node->parent) {
        memcpy(path + node->path_length - node->length, node->name, node->length);
        path[node->path_length - node->length - 1] = '/';
    }
}

static void put_directory(const struct node *directory)
{
    char path[PATH_MAX];

    node_path(directory, path);
    if (!is_utf8(path, directory->path_length))
        view_failed(0, "the command uses a path that is not UTF-8: %s", path);
    put_text(directory == &root_node ? "/" : path, directory == &root_node ? 1 : directory->path_length);
}

static const struct content *get_content(void)
{
    char name[MOST_CONTENT_NAME + 1];
    size_t length = get_text(name, MOST_CONTENT_NAME);
    struct content *content = allocate(sizeof *content);

    *content = (struct content){.name = copy_of(name, length)};
    content->size = get_long();
    content->mtime = (int64_t)get_long();
    content->mode = get_number(07777);
    content->same_file = get_long();
    return content;
}

static void get_entry(struct node *directory)
{
    char name[NAME_MAX + 1], target[PATH_MAX];
    const struct content *content = NULL;
    size_t length = get_text(name, NAME_MAX), target_length = 0;
    enum kind kind = ABSENT;
    struct node *node;

    if (strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        refuse_answer();
    switch (get_octet()) {
    case '-':
        break;
    case 'd':
        kind = DIRECTORY;
        break;
    case 'f':
        kind = REGULAR_FILE;
        content = get_content();
        break;
    case 'l':
        kind = SYMBOLIC_LINK;
        target_length = get_text(target, PATH_MAX - 1);
        break;
    case 't':
        kind = LOWER;
        break;
    case '?':
        kind = UNSEEN;
        break;
    default:
        refuse_answer();
    }
    node = find(directory, name, length);
    if (node != NULL && (node->kind != UNSEEN || kind == UNSEEN))
        return;
    if (directory->path_length + 1 + length >= PATH_MAX)
        return; /* no path leads to what has too long a name */
    node = node_add(directory, name, length, kind);
    node->content = content;
    if (target_length > 0)
        node->target = copy_of(target, target_length);
}

static void get_entries(struct node *directory)
{
    int is_complete;

    flush();
    if (get_octet() != 'e')
        refuse_answer();
    is_complete = get_octet() != 0;
    for (uint32_t left = get_number(MOST_NODES); left > 0; left--)
        get_entry(directory);
    if (is_complete)
        directory->is_complete = 1;
}

struct node *node_get(struct node *directory, const char *name, size_t length)
{
    struct node *node = find(directory, name, length);

    if (node != NULL && node->kind != UNSEEN)
        return node;
    /* Nor can the builder be told at the end that it was absent. */
    if (!is_utf8(name, length))
        view_failed(0, "the command uses a name that is not UTF-8: %.*s", (int)length, name);
    if (node != NULL || !directory->is_complete) {
        int is_unseen = node != NULL;

        put("n", 1);
        put_directory(directory);
        put_text(name, length);
        get_entries(directory);
        node = node_find(directory, name, length);
        if (node != NULL)
            return node;
        if (is_unseen || !directory->is_complete)
            refuse_answer();
    }
    return node_add(directory, name, length, ABSENT);
}

void node_get_all(struct node *directory)
{
    if (directory->is_complete && directory->unseen == 0)
        return;
    put("a", 1);
    put_directory(directory);
    get_entries(directory);
    if (!directory->is_complete || directory->unseen > 0)
        refuse_answer();
}

static void await_receipt(void)
{
    flush();
    if (get_octet() != 'k')
        refuse_answer();
}

void content_fetch(const struct content *content)
{
    put("f", 1);
    put_text(content->name, strlen(content->name));
    await_receipt();
}

/* Of files that have several names, the first. They are few: a list does. */
static struct {
    struct node **nodes;
    size_t count, room;
} firsts;

struct node *content_first(struct node *node)
{
    for (size_t i = 0; i < firsts.count; i++)
        if (firsts.nodes[i]->content->same_file == node->content->same_file)
            return firsts.nodes[i];
    if (firsts.count == firsts.room) {
        struct node **more = realloc(firsts.nodes, (2 * firsts.room + 16) * sizeof *more);

        if (more == NULL)
            view_failed(ENOMEM, "cannot store what the view says");
        firsts.nodes = more;
        firsts.room = 2 * firsts.room + 16;
    }
    firsts.nodes[firsts.count++] = node;
    return node;
}

void nodes_report(void)
{
    static const char letters[] = {[FOUND_ABSENT] = 'a', [SEEN] = 's', [LISTED] = 'l', [READ] = 'r'};
    uint32_t count = 0;
    char path[PATH_MAX];

    for (const struct node *node = &root_node; node != NULL; node = node->next_made)
        count += node->use != UNUSED;
    put("u", 1);
    put_number(count);
    for (const struct node *node = &root_node; node != NULL; node = node->next_made) {
        if (node->use == UNUSED)
            continue;
        put(&letters[node->use], 1);
        node_path(node, path);
        put_text(node == &root_node ? "/" : path, node == &root_node ? 1 : node->path_length);
    }
    await_receipt();
}
