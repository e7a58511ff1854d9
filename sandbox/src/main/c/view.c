/*
 * Shows a view to a command: a file system of which the builder says, path by path, what is in it (nodes.c), and of which
 * only that is put in place what the command wants to see (place.c).
 *
 * Every call of the command that takes a path (paths.h) is stopped by a filter of system calls, and the kernel tells this
 * process, the first of the sandbox, which has all of them behind itself. It reads the path from the memory of the
 * process that called, resolves it component by component by what the view says, links and dots included, and puts in place
 * what the kernel will meet when it does the same. Then it lets the call go on; what is absent by the view it answers
 * itself, so that the kernel never looks. What the command makes, or makes away with, is its own from then on: what is in place
 * counts.
 *
 * A command can change the path after it was read, and so have the kernel resolve another: in its own root, where it meets
 * what is in place, and the lower tree. It gains nothing by that, and its result is its own loss. Nothing that this process does itself
 * depends on what the command does meanwhile: see place.c.
 *
 * /dev and /proc are not of the view, but lead back into it by links.
 */
#include "view.h"
#include "filter.h"
#include "nodes.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of <linux/seccomp.h>, which musl's compiler does not find. */
struct notification {
    uint64_t id;
    uint32_t process, flags;
    int32_t number;
    uint32_t architecture;
    uint64_t at, arguments[6];
};

struct response {
    uint64_t id;
    int64_t value;
    int32_t error;
    uint32_t flags;
};

/* _IOWR and _IOW of '!'. Newer kernels take the old number of IS_VALID, too. */
static const unsigned long RECEIVE = 0xc0502100, SEND = 0xc0182101, IS_VALID = 0x80082102, SET_FLAGS = 0x40082104;

enum {
    OWN_FAILURE = 125,
    CONTINUE = 1,
    GET_NOTIF_SIZES = 3,
    WAKE_UP_IN_TURN = 1,
    MOST_LINKS = 40,
    ROOM = 64 * 1024,
    MEMORIES = 64,
    FIRST_READ = 256, /* of a path: most are shorter */
    MOST_CALLS = 512,
    NOT_AS_A_PATH = -100, /* AT_FDCWD, whatever the header's type */
    OPEN_STRUCTURE = 24,
    IN_ROOT = 0x10,
    DONT_FOLLOW = 0x02000000, /* IN_DONT_FOLLOW */
    HEAD_OF_SCRIPT = 256,
    MOST_INTERPRETERS = 5,
    NO_REPLACE = 1, /* of renameat2 */
    EXCHANGE = 2,
    FAMILY = 2, /* bytes of an address before its path */
    MOST_ADDRESS = 110,
    REMEMBERED_LOOKS = 1 << 12,
    REMEMBERED_PATH = 200,
};

enum action {
    LOOK,
    LOOK_AT_LINK,
    READ_LINK,
    WATCH,
    CHANGE,
    CHANGE_LINK,
    OPEN,
    OPEN_BY_STRUCTURE,
    CREATE,
    EXECUTE,
    MAKE,
    LINK,
    RENAME,
    REMOVE,
    REMOVE_DIRECTORY,
    BIND,
    CONNECT,
    LIST,
};

enum { NONE = -1, WIDE, NARROW, SIZES };

#if defined(__aarch64__)
static const uint32_t architectures[SIZES] = {0xc00000b7, 0x40000028};
enum { WIDE_COLUMN = 2, NARROW_COLUMN = 3 };
#else
static const uint32_t architectures[SIZES] = {0xc000003e, 0x40000003};
enum { WIDE_COLUMN = 0, NARROW_COLUMN = 1 };
#endif

struct path_call {
    enum action action;
    int directory, path, flags;
    int numbers[4];
};

#define PATH_CALL(name, action, directory, path, flags, ...) {action, directory, path, flags, {__VA_ARGS__}},
static const struct path_call path_calls[] = {
#include "paths.h"
};
#undef PATH_CALL

static const struct path_call *by_number[SIZES][MOST_CALLS];

/* A call that waits for its answer. */
struct call {
    uint64_t id;
    pid_t process; /* or thread */
    uint64_t arguments[6];
    const struct path_call *of;
};

/* What an answer is: 0 to let the call go on, or the errno that it ends with. */
typedef int answer;

static int listener = -1, ends[2];
static pid_t awaited;
static volatile sig_atomic_t status_of_command, has_ended, is_receiving;
static sigjmp_buf behind_receive;

/* The memories of processes, open. */
static struct {
    pid_t process;
    int file;
} memories[MEMORIES];

/* ---- Memory of the command's processes. ---- */

/* A process that runs another program gets other memory, and one that was made by vfork has shared the old with its parent. */
static void forget_memories(void)
{
    for (int i = 0; i < MEMORIES; i++)
        if (memories[i].process != 0) {
            close(memories[i].file);
            memories[i].process = 0;
        }
}

/* C libraries differ in the type of a request. */
static int control(unsigned long request, const void *argument)
{
    return (int)syscall(SYS_ioctl, listener, request, argument);
}

static int is_waiting(const struct call *call)
{
    return control(IS_VALID, &call->id) == 0;
}

/* The memory of the process of a call, or -1 if the process is gone. */
static int open_memory(const struct call *call)
{
    unsigned slot = (unsigned)call->process % MEMORIES;
    char path[64];
    int file;

    if (memories[slot].process == call->process)
        return memories[slot].file;
    snprintf(path, sizeof path, "/proc/%ld/mem", (long)call->process);
    file = open(path, O_RDONLY | O_CLOEXEC);
    /* Only now it is sure that the number did not become another's. */
    if (!is_waiting(call)) {
        if (file >= 0)
            close(file);
        return -1;
    }
    if (file < 0)
        view_failed(errno, "cannot read the memory of a process of the command");
    if (memories[slot].process != 0)
        close(memories[slot].file);
    memories[slot].process = call->process;
    memories[slot].file = file;
    return file;
}

/* How much could be read; 0 if nothing. */
static size_t read_memory(const struct call *call, uint64_t from, void *to, size_t count)
{
    for (int attempts = 2; attempts > 0; attempts--) {
        int file = open_memory(call);
        ssize_t done = file < 0 ? -1 : pread(file, to, count, (off_t)from);
        unsigned slot = (unsigned)call->process % MEMORIES;

        if (done > 0)
            return (size_t)done;
        if (file < 0 || done < 0)
            return 0;
        /* That memory is gone. */
        close(file);
        memories[slot].process = 0;
    }
    return 0;
}

/* Reads a text of less than `size` bytes. */
static answer read_text(const struct call *call, uint64_t from, char *text, size_t size)
{
    size_t length = 0;

    while (length < size) {
        size_t wanted = length == 0 ? FIRST_READ : size - length, done;

        done = read_memory(call, from + length, text + length, wanted < size - length ? wanted : size - length);
        if (done == 0)
            return EFAULT;
        if (memchr(text + length, '\0', done) != NULL)
            return 0;
        length += done;
    }
    return ENAMETOOLONG;
}

/* ---- Paths. ---- */

/* How the last component of a path is taken. */
enum {
    FOLLOW = 1,   /* if it is a link */
    IS_NAME = 2,  /* to be made or removed: slashes behind it do not make a directory of it */
    UNASKED = 4,  /* what is there does not matter if it is not known */
};

struct found {
    int is_outside;         /* of the view: the kernel knows */
    struct node *directory; /* where the last component is */
    struct node *node;      /* or NULL: it is not known, or not there in a directory of the command's own */
    enum kind type;         /* of what is there */
    int has_slash, is_dots; /* behind it, or `.` or `..` */
    char name[NAME_MAX + 1];
};

struct walk {
    pid_t process;
    struct node *at;
    char outside[PATH_MAX]; /* "" in the view, or the directory below /proc or /dev */
    char *rest;             /* that is not resolved yet, at the end of the room */
    int links;
    int was_outside, was_own; /* on its way */
    char room[ROOM];
};

static struct walk walk; /* too large for the stack, and there is one at a time */

/* Puts a text before what is left of the path. */
static answer put_before(struct walk *at, const char *text)
{
    size_t length = strlen(text);

    if (++at->links > MOST_LINKS)
        return ELOOP;
    if ((size_t)(at->rest - at->room) < length)
        return ENAMETOOLONG;
    at->rest -= length;
    memcpy(at->rest, text, length);
    if (text[0] == '/') {
        at->at = &root_node;
        at->outside[0] = '\0';
    }
    return 0;
}

/* One step below /proc or /dev; ends the walk with found->is_outside. */
static answer step_outside(struct walk *at, const char *name, size_t length, int is_last, int how, struct found *found)
{
    char path[PATH_MAX + NAME_MAX + 2], target[PATH_MAX];
    ssize_t count;

    if (length == 2 && name[0] == '.' && name[1] == '.') {
        *strrchr(at->outside, '/') = '\0';
        if (at->outside[0] == '\0')
            at->at = &root_node;
        found->is_outside = at->outside[0] != '\0' && is_last;
        return 0;
    }
    snprintf(path, sizeof path, "%s/%.*s", at->outside, (int)length, name);
    if (strlen(path) >= PATH_MAX)
        return ENAMETOOLONG;
    if (strcmp(path, "/proc/1") == 0) { /* this process: the kernel lets nobody look */
        found->is_outside = 1;
        return 0;
    }
    if (strcmp(path, "/proc/self") == 0 || strcmp(path, "/proc/thread-self") == 0) {
        /* They are links: for whoever asks, and that is not this process. */
        snprintf(at->outside, sizeof at->outside, "/proc/%ld", (long)at->process);
        found->is_outside = is_last;
        return 0;
    }
    count = readlink(path, target, sizeof target - 1);
    /* The kernel follows the last one by itself, to what the process has open or runs, wherever that is by now. */
    found->is_outside = is_last && (count <= 0 || !(how & FOLLOW) || strncmp(at->outside, "/proc/", 6) == 0);
    if (found->is_outside)
        return 0;
    if (count > 0) {
        target[count] = '\0';
        return put_before(at, target);
    }
    memcpy(at->outside, path, strlen(path) + 1);
    return 0;
}

/* What is in the directory that the walk has reached; NULL if it is not known, or not there. */
static struct node *child_of(struct node *directory, const char *name, size_t length, int asks, enum kind *type)
{
    struct node *child;

    *type = ABSENT;
    if (directory->kind != OWN) {
        child = asks ? node_get(directory, name, length) : node_find(directory, name, length);
    } else {
        char text[NAME_MAX + 1];

        child = node_find(directory, name, length);
        if (child == NULL) {
            memcpy(text, name, length);
            text[length] = '\0';
            if (place_type_of_own(directory, text) == ABSENT)
                return NULL;
            child = node_add(directory, name, length, OWN);
        }
        /* What was said of it was said of what the command has replaced. */
        child->kind = OWN;
    }
    if (child != NULL)
        *type = place_type(child);
    return child;
}

/*
 * Resolves an absolute path. What the kernel will pass on its way is in place then, except for the last component and the
 * directories above it.
 */
static answer resolve(pid_t process, const char *directory, const char *path, int how, struct found *found)
{
    struct walk *at = &walk;
    size_t path_length = strlen(path), directory_length = path[0] == '/' ? 0 : strlen(directory);

    found->is_outside = found->has_slash = found->is_dots = 0;
    at->process = process;
    at->at = &root_node;
    at->outside[0] = '\0';
    at->links = at->was_outside = at->was_own = 0;
    at->rest = at->room + sizeof at->room - path_length - 1;
    memcpy(at->rest, path, path_length + 1);
    if (directory_length > 0) {
        *--at->rest = '/';
        at->rest -= directory_length;
        memcpy(at->rest, directory, directory_length);
    }
    for (;;) {
        const char *name, *target;
        size_t length;
        int is_last, has_slash;
        answer error;

        at->rest += strspn(at->rest, "/");
        name = at->rest;
        length = strcspn(name, "/");
        if (length == 0) {
            found->is_outside = at->outside[0] != '\0';
            found->node = at->at;
            found->directory = at->at->parent;
            found->type = DIRECTORY;
            found->is_dots = 1;
            return 0;
        }
        if (length > NAME_MAX)
            return ENAMETOOLONG;
        at->rest += length;
        has_slash = *at->rest == '/';
        is_last = at->rest[strspn(at->rest, "/")] == '\0';
        if (length == 1 && name[0] == '.')
            continue;
        if (at->outside[0] != '\0') {
            /* What ends in a slash is gone into. */
            error = step_outside(at, name, length, is_last && !has_slash, how, found);
            if (error != 0 || found->is_outside)
                return error;
            continue;
        }
        if (length == 2 && name[0] == '.' && name[1] == '.') {
            place(at->at);
            at->at = at->at->parent;
            continue;
        }
        if (at->at == &root_node && ((length == 3 && memcmp(name, "dev", 3) == 0) || (length == 4 && memcmp(name, "proc", 4) == 0))) {
            snprintf(at->outside, sizeof at->outside, "/%.*s", (int)length, name);
            at->was_outside = 1;
            continue;
        }
        if (at->at->path_length + 1 + length >= PATH_MAX)
            return ENAMETOOLONG;
        found->directory = at->at;
        found->node = child_of(at->at, name, length, !is_last || !(how & UNASKED) || has_slash, &found->type);
        at->was_own |= at->at->kind == OWN || (found->node != NULL && found->node->kind == OWN);
        memcpy(found->name, name, length);
        found->name[length] = '\0';
        found->has_slash = has_slash;
        switch (found->type) {
        case ABSENT:
            if (found->node != NULL && found->node->kind == ABSENT)
                node_note(found->node, FOUND_ABSENT);
            return is_last ? 0 : ENOENT;
        case SYMBOLIC_LINK:
            if (is_last && !(how & FOLLOW) && (!has_slash || (how & IS_NAME)))
                return 0;
            place(found->node);
            node_note(found->node, SEEN);
            target = place_target(found->node);
            if (target == NULL)
                return ENOENT; /* the command has just removed it */
            error = put_before(at, target);
            if (error != 0)
                return error;
            break;
        case DIRECTORY:
            at->at = found->node;
            if (is_last)
                return 0;
            break;
        default:
            return !is_last || (has_slash && !(how & IS_NAME)) ? ENOTDIR : 0;
        }
    }
}

/* Where relative paths of a call begin, by one of its arguments. */
static answer get_directory(const struct call *call, int argument, char *path)
{
    char link[64];
    int file = argument == NONE ? (int)NOT_AS_A_PATH : (int)(int32_t)call->arguments[argument];
    ssize_t length;

    if (file == NOT_AS_A_PATH)
        snprintf(link, sizeof link, "/proc/%ld/cwd", (long)call->process);
    else
        snprintf(link, sizeof link, "/proc/%ld/fd/%d", (long)call->process, file);
    length = readlink(link, path, PATH_MAX - 1);
    if (length < 0)
        return errno == ENOENT ? EBADF : errno;
    path[length] = '\0';
    return path[0] == '/' ? 0 : ENOTDIR;
}

/* A path of a call, by its arguments. No path is there if it is empty: `text` is "" then. */
static answer get_path(const struct call *call, int argument, char *text)
{
    text[0] = '\0';
    return call->arguments[argument] == 0 ? 0 : read_text(call, call->arguments[argument], text, PATH_MAX);
}

static answer resolve_in(const struct call *call, int directory, const char *path, int how, struct found *found)
{
    char text[PATH_MAX];
    answer error = 0;

    text[0] = '\0';
    if (path[0] != '/')
        error = get_directory(call, directory, text);
    return error != 0 ? error : resolve(call->process, text, path, how, found);
}

/* ---- Calls. ---- */

static uint32_t flags_of(const struct call *call)
{
    return call->of->flags == NONE ? 0 : (uint32_t)call->arguments[call->of->flags];
}

static answer look_up(const struct call *call, const char *path, int how)
{
    struct found found;
    answer error = resolve_in(call, call->of->directory, path, how, &found);

    if (error != 0 || found.is_outside)
        return error;
    if (found.type == ABSENT)
        return ENOENT;
    node_note(found.node, SEEN);
    /* Compilers ask so of each directory above each header: the kernel need not be troubled. */
    if (call->of->action == READ_LINK && found.type != SYMBOLIC_LINK && found.node->kind != OWN)
        return EINVAL;
    place_look(found.node);
    return 0;
}

static answer change(const struct call *call, const char *path, int how)
{
    struct found found;
    answer error = resolve_in(call, call->of->directory, path, how, &found);

    if (error != 0 || found.is_outside)
        return error;
    if (found.type == ABSENT)
        return ENOENT;
    place(found.node);
    node_note(found.node, SEEN);
    return 0;
}

/* The answers to calls that changed nothing, which are the same again until something is the command's own. */
static struct {
    uint32_t epoch;
    uint16_t length;
    uint8_t action;
    uint8_t error; /* of which none is larger than 255 */
    char path[REMEMBERED_PATH];
} looks[REMEMBERED_LOOKS];
static uint32_t epoch = 1;

static answer look(const struct call *call, const char *path, int how)
{
    unsigned action = call->of->action == READ_LINK ? 2 : how & FOLLOW;
    uint32_t hash = 2166136261u + action;
    size_t length = 0;
    answer error;

    if (path[0] != '/')
        return look_up(call, path, how);
    for (; path[length] != '\0'; length++)
        hash = (hash ^ (unsigned char)path[length]) * 16777619u;
    hash = (hash ^ hash >> 16) % REMEMBERED_LOOKS;
    if (looks[hash].epoch == epoch && looks[hash].length == length && looks[hash].action == action &&
        memcmp(looks[hash].path, path, length) == 0)
        return looks[hash].error;
    error = look_up(call, path, how);
    /* What goes through /proc depends on who asks. */
    if (length <= REMEMBERED_PATH && !walk.was_outside && !walk.was_own && error != ENAMETOOLONG) {
        looks[hash].epoch = epoch;
        looks[hash].length = (uint16_t)length;
        looks[hash].action = (uint8_t)action;
        looks[hash].error = (uint8_t)error;
        memcpy(looks[hash].path, path, length);
    }
    return error;
}

/* From now on what is in place counts for this name. */
static void make_own(const struct found *found)
{
    epoch++;
    place_forget();
    if (found->node != NULL)
        found->node->kind = OWN;
    else if (found->directory->kind != OWN)
        node_add(found->directory, found->name, strlen(found->name), OWN);
}

/* Gets the name of what is to be made out of the way of what the lower tree may have. */
static void prepare_new(const struct found *found)
{
    if (found->directory->kind == OWN || (found->node != NULL && found->node->kind == OWN))
        return;
    place_nothing(found->directory, found->name);
}

static answer open_file(const struct call *call, const char *path, uint64_t flags)
{
    struct found found;
    int creates = (flags & O_CREAT) != 0 && (flags & O_PATH) == 0, how;
    answer error;

    how = (flags & O_NOFOLLOW) != 0 || (creates && (flags & O_EXCL) != 0) ? 0 : FOLLOW;
    if (creates && (flags & (O_EXCL | O_TRUNC)) != 0)
        how |= UNASKED;
    error = resolve_in(call, call->of->directory, path, how, &found);
    if (error != 0 || found.is_outside)
        return error;
    if (found.type == ABSENT) {
        if (!creates)
            return ENOENT;
        if (found.has_slash)
            return EISDIR;
        prepare_new(&found);
        make_own(&found);
        return 0;
    }
    if (found.type == REGULAR_FILE && !creates && (flags & O_DIRECTORY) != 0) {
        node_note(found.node, SEEN);
        return ENOTDIR; /* who asks only wants to know: no content has to be fetched for that */
    }
    if (found.type == REGULAR_FILE && found.node->kind == REGULAR_FILE && (flags & O_TRUNC) != 0 &&
        (found.node->content->mode & S_IWUSR) != 0 && !found.node->is_in_place && found.node->content->same_file == 0) {
        /* Nobody is going to see its content. */
        node_note(found.node, SEEN);
        place_name(found.node);
        make_own(&found);
        return 0;
    }
    place(found.node);
    node_note(found.node, found.type == REGULAR_FILE && (flags & O_PATH) == 0 && (flags & O_ACCMODE) != O_WRONLY ? READ : SEEN);
    return 0;
}

static answer open_by_structure(const struct call *call, const char *path)
{
    uint64_t structure[3];

    if (read_memory(call, call->arguments[2], structure, sizeof structure) < OPEN_STRUCTURE)
        return EFAULT;
    /* Another root would be another way to resolve: who asks for it has to know another. */
    return structure[2] & IN_ROOT ? ENOSYS : open_file(call, path, structure[0]);
}

/* The program that runs this one: of an ELF file, or a script. "" if there is none. */
static void get_interpreter(struct node *node, char *text)
{
    unsigned char head[HEAD_OF_SCRIPT] = {0};
    long length = place_read(node, head, sizeof head - 1, 0);

    text[0] = '\0';
    if (length > 2 && head[0] == '#' && head[1] == '!') {
        const char *begin = (char *)head + 2;
        size_t size;

        begin += strspn(begin, " \t");
        size = strcspn(begin, " \t\n");
        memcpy(text, begin, size);
        text[size] = '\0';
    } else if (length >= 64 && memcmp(head, "\177ELF", 4) == 0) {
        int is_wide = head[4] == 2;
        uint64_t at = 0, size = 0;
        uint16_t entry, count;
        unsigned char header[56];

        memcpy(&at, head + (is_wide ? 32 : 28), is_wide ? 8 : 4);
        memcpy(&entry, head + (is_wide ? 54 : 42), 2);
        memcpy(&count, head + (is_wide ? 56 : 44), 2);
        for (unsigned i = 0; i < count; i++) {
            uint32_t kind = 0;

            if (entry < (is_wide ? 56 : 32) || at > INT64_MAX / 2 ||
                place_read(node, header, is_wide ? 56 : 32, at + (uint64_t)i * entry) != (is_wide ? 56 : 32))
                return;
            memcpy(&kind, header, 4);
            if (kind != 3) /* PT_INTERP */
                continue;
            at = 0;
            memcpy(&at, header + (is_wide ? 8 : 4), is_wide ? 8 : 4);
            memcpy(&size, header + (is_wide ? 32 : 16), is_wide ? 8 : 4);
            if (size > 0 && size < PATH_MAX && at <= INT64_MAX && place_read(node, text, (size_t)size, at) == (long)size)
                text[size] = '\0';
            else
                text[0] = '\0';
            return;
        }
    }
}

static answer execute(const struct call *call, const char *path, int how)
{
    struct found found;
    char interpreter[PATH_MAX];
    int directory = call->of->directory;

    for (int i = 0; i < MOST_INTERPRETERS; i++) {
        answer error = resolve_in(call, directory, path, how, &found);

        if (error != 0 || found.is_outside)
            return error;
        if (found.type == ABSENT)
            return ENOENT;
        place(found.node);
        node_note(found.node, found.type == REGULAR_FILE ? READ : SEEN);
        if (found.type != REGULAR_FILE)
            return 0;
        get_interpreter(found.node, interpreter);
        if (interpreter[0] == '\0')
            return 0;
        path = interpreter;
        directory = NONE; /* by the kernel, too */
        how = FOLLOW;
    }
    return 0;
}

static answer make(const struct call *call, const char *path)
{
    struct found found;
    answer error = resolve_in(call, call->of->directory, path, IS_NAME, &found);

    if (error != 0 || found.is_outside)
        return error;
    if (found.type == ABSENT) {
        prepare_new(&found);
        make_own(&found);
        return 0;
    }
    place(found.node);
    node_note(found.node, SEEN);
    return 0;
}

/* The second path of a call that has two. */
static answer resolve_second(const struct call *call, struct found *found)
{
    int directory = call->of->directory == NONE ? (int)NONE : call->of->directory + 2;
    char path[PATH_MAX];
    answer error = get_path(call, call->of->path + (directory == NONE ? 1 : 2), path);

    if (error == 0 && path[0] == '\0')
        error = ENOENT;
    return error != 0 ? error : resolve_in(call, directory, path, IS_NAME, found);
}

static answer make_link_to(const struct call *call, const char *path)
{
    struct found old, new;
    answer error = path[0] == '\0' ? 0 : resolve_in(call, call->of->directory, path, flags_of(call) & AT_SYMLINK_FOLLOW ? FOLLOW : 0, &old);

    if (error == 0 && path[0] != '\0' && !old.is_outside) {
        if (old.type == ABSENT)
            return ENOENT;
        place(old.node);
        node_note(old.node, SEEN);
    }
    if (error == 0)
        error = resolve_second(call, &new);
    if (error != 0 || new.is_outside)
        return error;
    if (new.type == ABSENT) {
        prepare_new(&new);
        make_own(&new);
    } else {
        place(new.node);
    }
    return 0;
}

/* Whether it is a directory that the command has not made itself: as in other overlays, it cannot be moved. */
static int is_fixed(const struct found *found)
{
    return found->type == DIRECTORY && found->node->kind != OWN;
}

/* Whether a directory has anything in it, which is then listed. */
static int is_empty(struct node *directory)
{
    place_listing(directory);
    for (struct node *child = directory->first_child; child != NULL; child = child->next_child)
        if (child->kind != ABSENT && place_type(child) != ABSENT)
            return 0;
    return 1;
}

static answer move(const struct call *call, const char *path)
{
    struct found old, new;
    answer error = resolve_in(call, call->of->directory, path, IS_NAME, &old);

    if (error != 0)
        return error;
    if (!old.is_outside && old.type == ABSENT)
        return ENOENT;
    error = resolve_second(call, &new);
    if (error != 0 || old.is_outside || new.is_outside || old.is_dots || new.is_dots)
        return error;
    if (is_fixed(&old))
        return EXDEV;
    if (new.type == ABSENT) {
        prepare_new(&new);
    } else if (is_fixed(&new)) {
        if (old.type != DIRECTORY)
            return EISDIR;
        if (!is_empty(new.node))
            return ENOTEMPTY;
    } else {
        node_note(new.node, SEEN);
        if ((flags_of(call) & NO_REPLACE) != 0)
            return EEXIST;
        if ((flags_of(call) & EXCHANGE) != 0)
            place(new.node);
        else
            place_name(new.node); /* whose content is lost */
    }
    place(old.node);
    node_note(old.node, SEEN);
    make_own(&old);
    make_own(&new);
    return 0;
}

static answer remove_name(const struct call *call, const char *path, int is_directory)
{
    struct found found;
    answer error = resolve_in(call, call->of->directory, path, IS_NAME, &found);

    if (error != 0 || found.is_outside)
        return error;
    if (found.type == ABSENT)
        return ENOENT;
    place_name(found.node);
    node_note(found.node, SEEN);
    if (found.is_dots || is_directory != (found.type == DIRECTORY))
        return 0;
    if (is_fixed(&found)) {
        node_note(found.node, LISTED);
        if (!is_empty(found.node))
            return ENOTEMPTY;
    }
    make_own(&found);
    return 0;
}

/* The path that a socket is bound or connected to; "" if it has another name, or none. */
static answer get_address(const struct call *call, char *text)
{
    unsigned char address[MOST_ADDRESS + 1] = {0};
    uint32_t length = flags_of(call);
    uint16_t family;

    text[0] = '\0';
    if (length <= FAMILY || length > MOST_ADDRESS)
        return 0; /* the kernel says what is wrong with it */
    if (read_memory(call, call->arguments[call->of->path], address, length) != length)
        return EFAULT;
    memcpy(&family, address, sizeof family);
    if (family == AF_UNIX)
        strcpy(text, (const char *)address + FAMILY);
    return 0;
}

static answer list(const struct call *call)
{
    struct found found;
    char path[PATH_MAX];
    answer error = get_directory(call, call->of->directory, path);

    /* What is not there by that name was removed, and has nothing in it. */
    if (error != 0 || resolve(call->process, "", path, 0, &found) != 0 || found.is_outside || found.type != DIRECTORY)
        return 0;
    place_listing(found.node);
    node_note(found.node, LISTED);
    return 0;
}

static answer answer_to(const struct call *call)
{
    char path[PATH_MAX];
    uint32_t flags = flags_of(call);
    answer error;

    if (call->of->action == LIST)
        return list(call);
    if (call->of->action == BIND || call->of->action == CONNECT)
        error = get_address(call, path);
    else
        error = get_path(call, call->of->path, path);
    if (error != 0)
        return error;
    /* Of an open file, or the kernel says what is wrong with it: it resolves nothing. */
    if (path[0] == '\0' && call->of->action != LINK)
        return 0;
    switch (call->of->action) {
    case LOOK_AT_LINK:
    case READ_LINK:
        return look(call, path, 0);
    case WATCH:
        return look(call, path, flags & DONT_FOLLOW ? 0 : FOLLOW);
    case OPEN:
        return open_file(call, path, flags);
    case OPEN_BY_STRUCTURE:
        return open_by_structure(call, path);
    case CREATE:
        return open_file(call, path, O_CREAT | O_WRONLY | O_TRUNC);
    case EXECUTE:
        return execute(call, path, flags & AT_SYMLINK_NOFOLLOW ? 0 : FOLLOW);
    case CHANGE:
        return change(call, path, flags & AT_SYMLINK_NOFOLLOW ? 0 : FOLLOW);
    case CHANGE_LINK:
        return change(call, path, 0);
    case BIND:
    case MAKE:
        return make(call, path);
    case CONNECT:
        return look(call, path, FOLLOW);
    case LINK:
        return make_link_to(call, path);
    case RENAME:
        return move(call, path);
    case REMOVE:
        return remove_name(call, path, (flags & AT_REMOVEDIR) != 0);
    case REMOVE_DIRECTORY:
        return remove_name(call, path, 1);
    default:
        return look(call, path, flags & AT_SYMLINK_NOFOLLOW ? 0 : FOLLOW);
    }
}

/* ---- The conversation with the kernel. ---- */

static void index_calls(void)
{
    static const int columns[SIZES] = {WIDE_COLUMN, NARROW_COLUMN};

    for (size_t i = 0; i < sizeof path_calls / sizeof *path_calls; i++)
        for (int size = WIDE; size < SIZES; size++)
            if (path_calls[i].numbers[columns[size]] != NONE)
                by_number[size][path_calls[i].numbers[columns[size]]] = &path_calls[i];
}

static void respond(const struct call *call, answer error)
{
    struct response response = {.id = call->id, .error = -error, .flags = error == 0 ? CONTINUE : 0};

    /* A process that was killed waits for nothing. */
    if (control(SEND, &response) != 0 && errno != ENOENT && errno != EINTR)
        view_failed(errno, "cannot let a call of the command go on");
}

static void serve_call(const struct notification *told)
{
    int size = told->architecture == architectures[WIDE] ? WIDE : NARROW;
    struct call call = {
        .id = told->id,
        .process = (pid_t)told->process,
        .of = told->number >= 0 && told->number < MOST_CALLS ? by_number[size][told->number] : NULL,
    };
    answer error;

    if (call.of == NULL)
        view_failed(0, "the kernel told of call %d, which was not asked for", (int)told->number);
    for (int i = 0; i < 6; i++)
        call.arguments[i] = size == WIDE ? told->arguments[i] : (uint32_t)told->arguments[i];
    error = answer_to(&call);
    if (call.of->action == EXECUTE)
        forget_memories();
    respond(&call, error);
}

static void note_end(int signal)
{
    int status, error = errno;
    pid_t ended;

    (void)signal;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
        if (ended == awaited) {
            status_of_command = status;
            has_ended = 1;
        }
    errno = error;
    if (has_ended && is_receiving)
        siglongjmp(behind_receive, 1);
}

int view_prepare(void)
{
    struct sigaction action = {.sa_handler = note_end, .sa_flags = SA_RESTART};
    sigset_t child;

    index_calls();
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    /* Until it is known whose end is awaited. */
    if (sigprocmask(SIG_BLOCK, &child, NULL) != 0 || sigaction(SIGCHLD, &action, NULL) != 0)
        return -1;
    return place_prepare() == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : -1;
}

/* A message with a file descriptor. */
struct parcel {
    struct msghdr message;
    struct iovec part;
    char octet;
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
};

static void prepare_parcel(struct parcel *parcel)
{
    memset(parcel, 0, sizeof *parcel);
    parcel->part = (struct iovec){&parcel->octet, 1};
    parcel->message.msg_iov = &parcel->part;
    parcel->message.msg_iovlen = 1;
    parcel->message.msg_control = parcel->control.room;
    parcel->message.msg_controllen = sizeof parcel->control.room;
}

int view_listen(void)
{
    struct parcel parcel;
    struct cmsghdr *header;
    int file;

    /* The first process may read the memory of one that has its own user in each place, and does not hide. */
    if (setresuid((uid_t)-1, (uid_t)-1, geteuid()) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0)
        return -1;
    file = filter_listen();
    if (file < 0)
        return -1;
    prepare_parcel(&parcel);
    header = CMSG_FIRSTHDR(&parcel.message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof file);
    memcpy(CMSG_DATA(header), &file, sizeof file);
    if (sendmsg(ends[1], &parcel.message, 0) != 1)
        return -1;
    /* The first process ends where this one cannot be listened to. */
    close(file);
    close(ends[1]);
    return 0;
}

static int receive_listener(void)
{
    struct parcel parcel;
    const struct cmsghdr *header;
    int file = -1;

    close(ends[1]);
    prepare_parcel(&parcel);
    while (recvmsg(ends[0], &parcel.message, MSG_CMSG_CLOEXEC) < 0 && errno == EINTR)
        ;
    header = CMSG_FIRSTHDR(&parcel.message);
    if (header != NULL && header->cmsg_type == SCM_RIGHTS)
        memcpy(&file, CMSG_DATA(header), sizeof file);
    close(ends[0]);
    return file;
}

static void check_sizes(void)
{
    struct { uint16_t notification, response, data; } sizes;

    if (syscall(SYS_seccomp, GET_NOTIF_SIZES, 0, &sizes) != 0)
        view_failed(errno, "cannot listen to the system calls of the command");
    if (sizes.notification > sizeof(struct notification) || sizes.response > sizeof(struct response))
        view_failed(0, "cannot listen to the system calls of the command: the kernel tells more of them than is understood here");
}

/* If there is no process left that can be told of, waits until that is known of the command. */
static void await_end_if_all_have(void)
{
    struct pollfd polled = {.fd = listener, .events = POLLIN};
    sigset_t child, before;

    if (poll(&polled, 1, 0) != 1 || (polled.revents & POLLHUP) == 0)
        return;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before);
    while (!has_ended)
        sigsuspend(&before);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

int view_supervise(pid_t command)
{
    struct notification told;
    sigset_t none;

    awaited = command;
    listener = receive_listener();
    sigemptyset(&none);
    if (listener < 0) { /* it has said why */
        int status = OWN_FAILURE << 8;

        while (waitpid(command, &status, 0) < 0 && errno == EINTR)
            ;
        return status;
    }
    check_sizes();
    /* Both on one processor, one after the other: Linux 6.6. */
    (void)control(SET_FLAGS, (const void *)(uintptr_t)WAKE_UP_IN_TURN);
    (void)sigsetjmp(behind_receive, 1);
    is_receiving = 0;
    sigprocmask(SIG_SETMASK, &none, NULL);
    while (!has_ended) {
        int received;

        memset(&told, 0, sizeof told);
        is_receiving = 1;
        /* The end may have come just before. */
        if (has_ended)
            break;
        received = control(RECEIVE, &told);
        is_receiving = 0;
        if (received == 0)
            serve_call(&told);
        else if (errno == ENOENT) /* a process was killed before it could be told of, or none is left to tell of */
            await_end_if_all_have();
        else if (errno != EINTR)
            view_failed(errno, "cannot listen to the system calls of the command");
    }
    is_receiving = 0;
    nodes_report();
    return status_of_command;
}

int view_prove(void)
{
    /* There in the lower tree; and by what the view says. */
    if (access("/lower/hidden", F_OK) != 0 && errno == ENOENT && access("/upper/link/true", X_OK) == 0)
        return 0;
    fprintf(stderr, "jdist-sandbox: the view is not shown\n");
    return 1;
}
