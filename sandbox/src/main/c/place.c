/*
 * Puts into the job's root what the view says, when the command first wants to see it.
 *
 * The command may change its root at any time, and replace directories by links while this works. So every directory is
 * reached from the root without following links, and what is made in it is made by a name without slashes: whatever the command does,
 * nothing is opened here but what is in its root, and contents.
 */
#include "place.h"
#include "view.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    DIRECTORY_MODE = 0755,
    NEW_FILE_MODE = 0600,
    PERMISSIONS = 0777,
    OWNER_READS = 0400,
    OWNER_WRITES = 0200,
    CHUNK = 64 * 1024,
    REMEMBERED = 8,
    NANOSECONDS = 1000000000,
};

/* Of <linux/openat2.h>, which musl's compiler does not find. */
struct how {
    uint64_t flags, mode, resolve;
};
enum { SYS_OPENAT2 = 437, NO_OTHER_MOUNT = 0x01, NO_MAGIC_LINKS = 0x02, NO_LINKS = 0x04, IN_ROOT = 0x10 };

static int root_file = -1;
static unsigned char buffer[CHUNK];

/* Directories that were open last. */
static struct {
    const struct node *node;
    int file;
} remembered[REMEMBERED];
static unsigned next_remembered;

int place_prepare(void)
{
    root_file = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return root_file < 0 ? -1 : 0;
}

void place_forget(void)
{
    for (int i = 0; i < REMEMBERED; i++)
        if (remembered[i].node != NULL) {
            close(remembered[i].file);
            remembered[i].node = NULL;
        }
}

/* Component by component, for kernels before 5.6. */
static int open_stepwise(const char *path)
{
    int at = fcntl(root_file, F_DUPFD_CLOEXEC, 0);

    while (at >= 0 && *path != '\0') {
        char name[NAME_MAX + 1];
        size_t length = strcspn(path, "/");
        int next, error;

        memcpy(name, path, length);
        name[length] = '\0';
        next = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        error = errno;
        close(at);
        errno = error;
        at = next;
        path += length + (path[length] == '/');
    }
    return at;
}

/* An open directory, which is not the caller's to close, or -1 and errno. */
static int open_directory(const struct node *directory)
{
    struct how how = {
        .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = NO_OTHER_MOUNT | NO_MAGIC_LINKS | NO_LINKS | IN_ROOT};
    char path[PATH_MAX];
    int file;

    if (directory == &root_node)
        return root_file;
    for (int i = 0; i < REMEMBERED; i++)
        if (remembered[i].node == directory)
            return remembered[i].file;
    node_path(directory, path);
    file = (int)syscall(SYS_OPENAT2, root_file, path + 1, &how, sizeof how);
    if (file < 0 && (errno == ENOSYS || errno == EPERM))
        file = open_stepwise(path + 1);
    if (file < 0)
        return -1;
    next_remembered = (next_remembered + 1) % REMEMBERED;
    if (remembered[next_remembered].node != NULL)
        close(remembered[next_remembered].file);
    remembered[next_remembered].node = directory;
    remembered[next_remembered].file = file;
    return file;
}

static void failed(const char *what, const struct node *node) __attribute__((noreturn));

static void failed(const char *what, const struct node *node)
{
    int error = errno;
    char path[PATH_MAX];

    node_path(node, path);
    view_failed(error, "cannot %s %s", what, path);
}

/* Of a node that is not the command's own. */
static int directory_of(const struct node *node)
{
    int file = open_directory(node->parent);

    if (file < 0)
        failed("reach the directory of", node);
    return file;
}

static int has_gone(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EACCES || error == EXDEV;
}

static enum kind type_in(int directory, const char *name)
{
    struct stat status;

    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return ABSENT;
    return S_ISDIR(status.st_mode) ? DIRECTORY : S_ISLNK(status.st_mode) ? SYMBOLIC_LINK : REGULAR_FILE;
}

enum kind place_type_of_own(struct node *directory, const char *name)
{
    int file = open_directory(directory);

    if (file < 0 && !has_gone(errno))
        failed("reach", directory);
    return file < 0 ? ABSENT : type_in(file, name);
}

enum kind place_type(struct node *node)
{
    switch (node->kind) {
    case LOWER:
        if (node->type == ABSENT) {
            place(node->parent);
            node->type = (uint8_t)type_in(directory_of(node), node->name);
            if (node->type == ABSENT) {
                errno = 0;
                failed("find in the toolchain", node);
            }
            node->is_in_place = 1;
        }
        return node->type;
    case OWN:
        return place_type_of_own(node->parent, node->name);
    default:
        return node->kind;
    }
}

const char *place_target(struct node *node)
{
    static char target[PATH_MAX];
    int directory;
    ssize_t length;

    if (node->kind == SYMBOLIC_LINK)
        return node->target;
    directory = open_directory(node->parent);
    if (directory < 0)
        return NULL;
    length = readlinkat(directory, node->name, target, sizeof target - 1);
    if (length <= 0)
        return NULL;
    target[length] = '\0';
    return target;
}

static int remove_all(int directory, const char *name);

static int remove_content(int directory, const char *name)
{
    int file = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), result = 0;
    DIR *list = file < 0 ? NULL : fdopendir(file);
    const struct dirent *entry;

    if (list == NULL) {
        if (file >= 0)
            close(file);
        return -1;
    }
    while (result == 0 && (entry = readdir(list)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            result = remove_all(file, entry->d_name);
    closedir(list);
    return result;
}

/* Removes what has this name, and all that is below. */
static int remove_all(int directory, const char *name)
{
    if (unlinkat(directory, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR)
        return -1;
    if (unlinkat(directory, name, AT_REMOVEDIR) == 0)
        return 0;
    if (errno != ENOTEMPTY && errno != EEXIST)
        return -1;
    return remove_content(directory, name) == 0 ? unlinkat(directory, name, AT_REMOVEDIR) : -1;
}

static void make_directory(struct node *node)
{
    int directory = directory_of(node);

    if (mkdirat(directory, node->name, DIRECTORY_MODE) == 0)
        return;
    if (errno != EEXIST)
        failed("make the directory", node);
    /* The toolchain may have it, too. */
    if (type_in(directory, node->name) != DIRECTORY &&
        (remove_all(directory, node->name) != 0 || mkdirat(directory, node->name, DIRECTORY_MODE) != 0))
        failed("make the directory", node);
}

static void make_link(struct node *node)
{
    int directory = directory_of(node);

    if (symlinkat(node->target, directory, node->name) == 0)
        return;
    if (errno != EEXIST || remove_all(directory, node->name) != 0 || symlinkat(node->target, directory, node->name) != 0)
        failed("make the link", node);
}

static mode_t mode_of(const struct node *node)
{
    return (node->content->mode & PERMISSIONS) | OWNER_READS;
}

/* A file that has only its name so far, open for writing, which its mode may forbid. */
static int open_placeholder(const struct node *node)
{
    int directory = directory_of(node), file = openat(directory, node->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int allowed = file >= 0 && ((mode_of(node) & OWNER_WRITES) != 0 || fchmod(file, mode_of(node) | OWNER_WRITES) == 0);
    int error = errno;

    if (file >= 0)
        close(file);
    errno = error;
    return allowed ? openat(directory, node->name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
}

/* A new file, open for writing. */
static int make_file(const struct node *node)
{
    enum { NEW = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
    int directory = directory_of(node), file = openat(directory, node->name, NEW, NEW_FILE_MODE);

    if (file < 0 && (errno == EEXIST || errno == EISDIR) && remove_all(directory, node->name) == 0)
        file = openat(directory, node->name, NEW, NEW_FILE_MODE);
    return file;
}

/* The content, open for reading, if it is there and whole. */
static int open_content_at_hand(const struct content *content)
{
    int file = openat(CONTENTS_FD, content->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (file < 0)
        return -1;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && (uint64_t)status.st_size == content->size)
        return file;
    close(file);
    errno = EIO;
    return -1;
}

/* It may have been removed since the builder named it, or be damaged. */
static int open_content(const struct node *node)
{
    for (int attempts = 3; attempts > 0; attempts--) {
        int file = open_content_at_hand(node->content);

        if (file >= 0)
            return file;
        if (errno != ENOENT && errno != EIO)
            break;
        if (attempts > 1)
            content_fetch(node->content);
    }
    failed("open the content of", node);
}

static void copy(int from, int to, const struct node *node)
{
    uint64_t left = node->content->size;

    /* Without asking for the end: one call less for what fits, as nearly all do. */
    while (left > 0) {
        ssize_t count = read(from, buffer, left < sizeof buffer ? (size_t)left : sizeof buffer);

        if (count < 0 && errno == EINTR)
            continue;
        if (count == 0)
            errno = EIO;
        if (count <= 0)
            failed("read the content of", node);
        for (ssize_t done = 0; done < count;) {
            ssize_t written = write(to, buffer + done, (size_t)(count - done));

            if (written < 0 && errno != EINTR)
                failed("write", node);
            if (written > 0)
                done += written;
        }
        left -= (uint64_t)count;
    }
}

/* Gives a file its mode and time, and closes it. */
static void finish_file(const struct node *node, int file)
{
    int64_t mtime = node->content->mtime, part = mtime % NANOSECONDS, before = part < 0; /* before 1970 */
    const struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT},
        {.tv_sec = (time_t)(mtime / NANOSECONDS - before), .tv_nsec = (long)(part + before * NANOSECONDS)}};

    if (fchmod(file, mode_of(node)) != 0 || futimens(file, times) != 0 || close(file) != 0)
        failed("set mode and time of", node);
}

/* Puts a file in place out of its open content. */
static void place_content(struct node *node, int from)
{
    int file = node->is_placeholder ? open_placeholder(node) : make_file(node);

    if (file < 0)
        failed("make the file", node);
    copy(from, file, node);
    close(from);
    finish_file(node, file);
}

/* A file that looks as it is to, but has no content. */
static void make_placeholder(struct node *node)
{
    int file = make_file(node);

    if (file < 0 || ftruncate(file, (off_t)node->content->size) != 0)
        failed("make the file", node);
    finish_file(node, file);
    node->is_placeholder = 1;
}

/* Makes it another name of the first of its kind; false if that is not there any more. */
static int make_hard_link(struct node *node)
{
    struct node *first = content_first(node);
    int from, directory;

    if (first == node || first->kind != REGULAR_FILE)
        return 0;
    place(first);
    from = directory_of(first);
    directory = directory_of(node);
    if (node->is_placeholder && unlinkat(directory, node->name, 0) != 0)
        failed("replace", node);
    if (linkat(from, first->name, directory, node->name, 0) == 0)
        return 1;
    if (errno != EEXIST || remove_all(directory, node->name) != 0 ||
        linkat(from, first->name, directory, node->name, 0) != 0)
        failed("make the hard link", node);
    return 1;
}

static void place_file(struct node *node)
{
    if (node->content->same_file == 0 || !make_hard_link(node))
        place_content(node, open_content(node));
    node->is_placeholder = 0;
}

void place(struct node *node)
{
    if (node->is_in_place || node->kind == ABSENT || node->kind == OWN)
        return;
    if (node->kind == LOWER) {
        place_type(node);
        return;
    }
    place(node->parent);
    if (node->kind == DIRECTORY)
        make_directory(node);
    else if (node->kind == SYMBOLIC_LINK)
        make_link(node);
    else
        place_file(node);
    node->is_in_place = 1;
}

void place_name(struct node *node)
{
    if (node->kind != REGULAR_FILE || node->content->same_file != 0) {
        place(node);
    } else if (!node->is_in_place && !node->is_placeholder) {
        place(node->parent);
        make_placeholder(node);
    }
}

void place_look(struct node *node)
{
    int from;

    if (node->kind == REGULAR_FILE && node->content->same_file == 0 && !node->is_in_place) {
        if (node->is_placeholder)
            return;
        /* Most are opened next; but what is only looked at need not travel. */
        from = open_content_at_hand(node->content);
        place(node->parent);
        if (from < 0) {
            make_placeholder(node);
            return;
        }
        place_content(node, from);
        node->is_in_place = 1;
        return;
    }
    place(node);
}

void place_nothing(struct node *directory, const char *name)
{
    int file;

    place(directory);
    file = open_directory(directory);
    if (file < 0)
        failed("reach", directory);
    if (remove_all(file, name) != 0)
        failed("clear", directory);
}

void place_listing(struct node *directory)
{
    int file;
    DIR *list;
    const struct dirent *entry;

    if (directory->is_listed || directory->kind == OWN)
        return;
    node_get_all(directory);
    place(directory);
    for (struct node *child = directory->first_child; child != NULL; child = child->next_child)
        place_name(child);
    file = open_directory(directory);
    file = file < 0 ? -1 : openat(file, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    list = file < 0 ? NULL : fdopendir(file);
    if (list == NULL)
        failed("list", directory);
    while ((entry = readdir(list)) != NULL) {
        const struct node *child = node_find(directory, entry->d_name, strlen(entry->d_name));
        int is_mount = directory == &root_node && (strcmp(entry->d_name, "dev") == 0 || strcmp(entry->d_name, "proc") == 0);

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || is_mount)
            continue;
        if ((child == NULL || child->kind == ABSENT) && remove_all(file, entry->d_name) != 0)
            failed("hide what the toolchain has in", directory);
    }
    closedir(list);
    directory->is_listed = 1;
}

long place_read(struct node *node, void *bytes, size_t count, uint64_t at)
{
    int directory = open_directory(node->parent), file;
    long result = -1;

    file = directory < 0 ? -1 : openat(directory, node->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file >= 0) {
        result = pread(file, bytes, count, (off_t)at);
        close(file);
    }
    return result;
}
