/*
 * That it is this process which writes, and not the daemon, is the point: what a new file is allowed, where links lead and what
 * a name means depends on who asks. An umask, a default ACL, a mount namespace and a limit on the size of files hold
 * for what comes from cache or farm as they hold for the compiler's own files.
 */
#include "outputs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { EVERYBODY = 0666 };

struct output {
    const char *place;
    enum manner manner;
    int file; /* -1 while it is not open */
    int has_no_name; /* until it is put into its place */
};

struct outputs take_outputs(struct message *message)
{
    uint32_t count = take_number(message);
    struct outputs outputs = {.list = NULL};

    /* Each takes two numbers at least. */
    if (!message->is_broken && count <= (message->used - message->read) / (2 * sizeof(uint32_t)))
        outputs.list = calloc((size_t)count + 1, sizeof *outputs.list);
    if (outputs.list == NULL)
        message->is_broken = 1;
    for (; outputs.count < count && !message->is_broken; outputs.count++) {
        uint32_t manner = take_number(message);

        outputs.list[outputs.count] = (struct output){take_path(message), (enum manner)manner, -1, 0};
        if (manner > WRITTEN_OVER)
            message->is_broken = 1;
    }
    return outputs;
}

void free_outputs(struct outputs *outputs)
{
    free(outputs->list);
    outputs->list = NULL;
}

/* A new file, which goes away with this process unless it gets a name; -1 where the file system has no such files. */
static int open_without_name(const char *place)
{
    const char *slash = strrchr(place, '/');
    char directory[PATH_MAX];
    struct stat made;
    mode_t mask;
    int file;

    if (slash == NULL || slash - place >= PATH_MAX - 1)
        return -1;
    memcpy(directory, place, (size_t)(slash - place) + 1);
    directory[slash - place + 1] = '\0';
    file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, EVERYBODY);
    if (file < 0)
        return -1;
    mask = umask(0);
    umask(mask);
    /* Linux before 6.0 forgets the umask on some file systems. Where there is a default ACL, it does not count. */
    if ((fstat(file, &made) != 0 || (made.st_mode & mask) != 0)
        && getxattr(directory, "system.posix_acl_default", NULL, 0) < 0)
        fchmod(file, EVERYBODY & ~mask);
    return file;
}

/*
 * Opens a place as the compiler would: clang's objects are renamed into their places, the assembler looks whether something is
 * there and removes it, and everything else is simply opened. False if the compiler has to deal with what is there.
 */
static int open_output(struct output *output)
{
    const char *place = output->place;
    struct stat there;
    int exists = stat(place, &there) == 0, is_new;

    switch (output->manner) {
    case REPLACED:
        if (exists && (!S_ISREG(there.st_mode) || access(place, W_OK) != 0))
            return 0;
        is_new = 1;
        break;
    case REPLACED_UNLESS_EMPTY:
        if (exists && !S_ISREG(there.st_mode))
            return 0;
        is_new = exists ? there.st_size != 0 : lstat(place, &there) != 0;
        break;
    default:
        is_new = 0;
    }
    if (is_new) {
        output->file = open_without_name(place);
        output->has_no_name = output->file >= 0;
        if (!output->has_no_name)
            unlink(place);
    }
    if (output->file < 0)
        output->file = open(place, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, EVERYBODY);
    return output->file >= 0;
}

/* Closes an output, and puts it into its place if it is `wanted`; false if it is not there then. */
static int close_output(struct output *output, int wanted)
{
    char name[32];
    int is_there = wanted;

    if (output->file < 0)
        return 0;
    if (output->has_no_name && wanted) {
        snprintf(name, sizeof name, "/proc/self/fd/%d", output->file);
        unlink(output->place);
        is_there = linkat(AT_FDCWD, name, AT_FDCWD, output->place, AT_SYMLINK_FOLLOW) == 0;
    }
    return close(output->file) == 0 && is_there;
}

/* Receives what is to be in an output, and writes it if that is possible. */
static enum placing receive_content(int daemon, int file)
{
    static unsigned char buffer[1 << 14]; /* the kernel has to clear each page of it first */
    enum placing placing = file < 0 ? NOT_PLACED : PLACED;
    uint32_t left, state;

    do {
        if (!receive_piece(daemon, &left, &state))
            return DAEMON_GONE;
        while (left > 0) {
            size_t count = left < sizeof buffer ? left : sizeof buffer;

            if (!read_all(daemon, buffer, count))
                return DAEMON_GONE;
            left -= (uint32_t)count;
            if (placing == PLACED && !write_all(file, buffer, count))
                placing = NOT_PLACED;
        }
    } while (state == PIECE_MORE);
    return state == PIECE_LAST ? placing : NOT_PLACED;
}

enum placing receive_outputs(int daemon, struct outputs *outputs, int wanted)
{
    enum placing all = wanted ? PLACED : NOT_PLACED;

    for (size_t i = 0; i < outputs->count && all != DAEMON_GONE; i++) {
        struct output *output = &outputs->list[i];
        enum placing one;

        if (all == PLACED && !open_output(output))
            all = NOT_PLACED;
        one = receive_content(daemon, output->file);
        if (one != PLACED)
            all = one == DAEMON_GONE ? DAEMON_GONE : NOT_PLACED;
    }
    for (size_t i = 0; i < outputs->count; i++)
        if (!close_output(&outputs->list[i], all == PLACED) && all == PLACED)
            all = NOT_PLACED;
    return all;
}
