/*
 * Fuzz target: what the first process of a sandbox makes of whatever the builder answers about a view. The input, behind the
 * byte for faults.h, is all that it says; the questions are always the same, as far as the answers allow.
 *
 * Whatever comes: what is believed of a name is one of the kinds, its name is one, no path is too long, each question is a
 * whole one, and nothing follows the reason why the view cannot be shown.
 */
#include <arpa/inet.h>
#include <limits.h>
#include <stdarg.h>
#include <unistd.h>

#include "faults.h"

/* All that was asked. */
static struct {
    uint8_t bytes[1 << 18];
    size_t size;
    int is_cut_off;
} asked;

static ssize_t fake_read(int fd, void *bytes, size_t count)
{
    CHECK(fd == STDIN_FILENO);
    return read_input(bytes, count);
}

static ssize_t fake_write(const void *bytes, size_t count)
{
    ssize_t taken = take_part(bytes, count);

    if ((taken < 0 && errno != EINTR) || (taken > 0 && asked.size + (size_t)taken > sizeof asked.bytes))
        asked.is_cut_off = 1;
    if (taken > 0 && !asked.is_cut_off) {
        memcpy(asked.bytes + asked.size, bytes, (size_t)taken);
        asked.size += (size_t)taken;
    }
    return taken;
}

#define read fake_read
#define write(file, bytes, count) fake_write(bytes, count)
#define dprintf(file, ...) CHECK(snprintf(NULL, 0, __VA_ARGS__) > 0)

#include "../../main/c/nodes.c"

#undef dprintf

static size_t after_number(size_t at, uint32_t *number)
{
    CHECK(at + 4 <= asked.size);
    *number = (uint32_t)asked.bytes[at] << 24 | (uint32_t)asked.bytes[at + 1] << 16 | (uint32_t)asked.bytes[at + 2] << 8 |
              asked.bytes[at + 3];
    return at + 4;
}

static size_t after_text(size_t at, int is_path)
{
    uint32_t length;

    at = after_number(at, &length);
    CHECK(length > 0 && at + length <= asked.size && memchr(asked.bytes + at, '\0', length) == NULL);
    CHECK(!is_path || (asked.bytes[at] == '/' && length < PATH_MAX));
    return at + length;
}

static void check_questions(void)
{
    size_t at = 0;
    uint32_t count;

    while (at < asked.size) {
        switch (asked.bytes[at++]) {
        case 'n':
            at = after_text(after_text(at, 1), 0);
            break;
        case 'a':
            at = after_text(at, 1);
            break;
        case 'f':
            at = after_text(at, 0);
            break;
        case 'u':
            for (at = after_number(at, &count); count > 0; count--) {
                CHECK(at < asked.size && memchr("rlsa", asked.bytes[at], 4) != NULL);
                at = after_text(at + 1, 1);
            }
            break;
        case 'x':
            CHECK(after_text(at, 0) == asked.size);
            at = asked.size;
            break;
        default:
            CHECK(0);
        }
    }
}

static void check_nodes(void)
{
    for (const struct node *node = root_node.next_made; node != NULL; node = node->next_made) {
        char path[PATH_MAX];

        CHECK(node->length > 0 && node->length <= NAME_MAX && strlen(node->name) == node->length);
        CHECK(strchr(node->name, '/') == NULL && strcmp(node->name, ".") != 0 && strcmp(node->name, "..") != 0);
        CHECK(node->path_length < PATH_MAX && node->kind <= OWN);
        node_path(node, path);
        CHECK(strlen(path) == node->path_length && path[0] == '/');
        CHECK((node->kind == REGULAR_FILE) == (node->content != NULL));
        CHECK(node->kind != SYMBOLIC_LINK || node->target != NULL);
        CHECK(node_find(node->parent, node->name, node->length) == node);
    }
}

/* What a command may lead to: names are asked for three deep, and one directory is listed. */
static void ask(struct node *directory, int depth)
{
    static const char *const names[] = {"a", "b", "x"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct node *node = node_get(directory, names[i], 1);

        CHECK(node != NULL && node->parent == directory);
        node_note(node, node->kind == ABSENT ? FOUND_ABSENT : SEEN);
        if (node->kind == REGULAR_FILE && node->content->same_file != 0)
            CHECK(content_first(node)->content->same_file == node->content->same_file);
        if (node->kind == REGULAR_FILE)
            content_fetch(node->content);
        if ((node->kind == DIRECTORY || node->kind == LOWER) && depth > 0)
            ask(node, depth - 1);
    }
    if (depth == 1) {
        node_get_all(directory);
        CHECK(directory->is_complete);
        node_note(directory, LISTED);
    }
}

static int is_out_of_table(const struct node *node)
{
    return node->number >= node_count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin_world(data, size);
    asked.size = 0;
    asked.is_cut_off = 0;
    root_node = (struct node){.parent = &root_node, .name = "", .kind = DIRECTORY, .is_in_place = 1};
    buckets = NULL;
    bucket_count = 0;
    node_count = 1;
    last_made = &root_node;
    in.at = in.end = out.at = out.end = 0;
    arena = NULL;
    arena_left = 0;
    firsts.nodes = NULL;
    firsts.count = firsts.room = 0;
    if (setjmp(world.end) == 0) {
        ask(&root_node, 2);
        nodes_report();
        world.status = 0;
    }
    for (const struct node *node = root_node.next_made; node != NULL; node = node->next_made)
        CHECK(!is_out_of_table(node));
    if (bucket_count > 0)
        check_nodes();
    if (!asked.is_cut_off && (world.status == 0 || world.status == OWN_FAILURE))
        check_questions();
    end_world();
    return 0;
}
