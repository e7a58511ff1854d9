#include "message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { HEADER = sizeof(uint32_t) + 1, MAX_MESSAGE = 1 << 28, OUT_OF_MEMORY = 2 };

void say(const char *format, ...)
{
    va_list arguments;

    fputs("jdist: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void *must(void *memory)
{
    if (memory == NULL) {
        say("out of memory");
        exit(OUT_OF_MEMORY);
    }
    return memory;
}

/* How often a daemon that says nothing is looked at, and how often in a row it may be found stopped. */
enum {
    LOOK_SECONDS = 2,
    STOPPED_LOOKS = 2
};

static void put(struct message *message, const void *bytes, size_t count)
{
    if (message->used + count > message->size) {
        size_t size = 2 * (message->used + count) + 4096;
        unsigned char *larger = message->is_broken ? NULL : realloc(message->bytes, size);

        if (larger == NULL) {
            message->is_broken = 1;
            return;
        }
        message->bytes = larger;
        message->size = size;
    }
    memcpy(message->bytes + message->used, bytes, count);
    message->used += count;
}

struct message begin_message(enum message_type type)
{
    struct message message = {.bytes = NULL};
    unsigned char byte = (unsigned char)type;

    put_number(&message, 0); /* the length, known at the end */
    put(&message, &byte, 1);
    return message;
}

void put_number(struct message *message, uint32_t number)
{
    uint32_t big_endian = htonl(number);
    put(message, &big_endian, sizeof big_endian);
}

void put_string(struct message *message, const char *text)
{
    size_t length = strlen(text);

    put_number(message, (uint32_t)length);
    put(message, text, length);
}

void put_list(struct message *message, char **texts)
{
    size_t count = 0;

    while (texts[count] != NULL)
        count++;
    put_number(message, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        put_string(message, texts[i]);
}

int has_fields(const struct message *message)
{
    return message->used > HEADER;
}

/* Waits until a stream can be written to, which make or a terminal may have made non-blocking. */
static int is_writable(int fd)
{
    struct pollfd stream = {fd, POLLOUT, 0};

    return poll(&stream, 1, -1) > 0 || errno == EINTR;
}

int write_all(int fd, const unsigned char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written < 0 && (errno == EINTR || (errno == EAGAIN && is_writable(fd))))
            continue;
        if (written <= 0)
            return 0;
        bytes += written;
        count -= (size_t)written;
    }
    return 1;
}

void be_patient(int connection)
{
    const struct timeval look = {LOOK_SECONDS, 0};

    /* Without these, the daemon is waited for in the dark. */
    (void)!setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &look, sizeof look);
    (void)!setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &look, sizeof look);
}

/* Whether the process at the other end is stopped, as by SIGSTOP: it says nothing until somebody has it go on. */
static int is_stopped(int connection)
{
    struct ucred peer = {0, 0, 0};
    socklen_t size = sizeof peer;
    char path[64];
    char line[512];
    const char *name_end;
    ssize_t got;
    int file;

    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0)
        return 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)peer.pid);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    got = read(file, line, sizeof line - 1);
    close(file);
    if (got <= 0)
        return 0;
    line[got] = '\0';
    /* The program's name, which may hold anything, is in brackets; the state follows. */
    name_end = strrchr(line, ')');
    return name_end != NULL && name_end[1] == ' ' && (name_end[2] == 'T' || name_end[2] == 't');
}

/* After a call that waited in vain: whether to go on waiting. */
static int is_worth_waiting(int connection, int *stopped_looks)
{
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        return errno == EINTR;
    *stopped_looks = is_stopped(connection) ? *stopped_looks + 1 : 0;
    return *stopped_looks < STOPPED_LOOKS;
}

int read_all(int fd, unsigned char *bytes, size_t count)
{
    int stopped_looks = 0;

    while (count > 0) {
        ssize_t got = read(fd, bytes, count);
        if (got < 0 && is_worth_waiting(fd, &stopped_looks))
            continue;
        if (got <= 0)
            return 0;
        bytes += got;
        count -= (size_t)got;
    }
    return 1;
}

int send_message(int connection, struct message *message)
{
    uint32_t length = htonl((uint32_t)(message->used - sizeof length));
    size_t sent = 0;
    int stopped_looks = 0;
    int is_sent;

    if (!message->is_broken)
        memcpy(message->bytes, &length, sizeof length);
    while (!message->is_broken && sent < message->used) {
        ssize_t count = send(connection, message->bytes + sent, message->used - sent, MSG_NOSIGNAL);
        if (count < 0 && is_worth_waiting(connection, &stopped_looks))
            continue;
        if (count <= 0)
            break;
        sent += (size_t)count;
    }
    is_sent = !message->is_broken && sent == message->used;
    free_message(message);
    return is_sent;
}

int receive_message(int connection, struct message *message)
{
    uint32_t length;

    *message = (struct message){.bytes = NULL};
    if (!read_all(connection, (unsigned char *)&length, sizeof length))
        return 0;
    length = ntohl(length);
    if (length < 1 || length > MAX_MESSAGE)
        return 0;
    message->bytes = malloc(length);
    message->used = length;
    if (message->bytes != NULL && read_all(connection, message->bytes, length))
        return 1;
    free_message(message);
    return 0;
}

int receive_piece(int connection, uint32_t *count, uint32_t *state)
{
    unsigned char head[HEADER + sizeof *state];
    uint32_t length;

    if (!read_all(connection, head, sizeof head))
        return 0;
    memcpy(&length, head, sizeof length);
    memcpy(state, head + HEADER, sizeof *state);
    length = ntohl(length);
    *state = ntohl(*state);
    *count = length - (uint32_t)(sizeof head - sizeof length);
    return head[sizeof length] == PIECE && length >= sizeof head - sizeof length && length <= MAX_MESSAGE;
}

void free_message(struct message *message)
{
    free(message->bytes);
    *message = (struct message){.bytes = NULL};
}

const unsigned char *take_bytes(struct message *message, size_t count)
{
    const unsigned char *bytes = message->bytes + message->read;

    if (message->is_broken || count > message->used - message->read) {
        message->is_broken = 1;
        return NULL;
    }
    message->read += count;
    return bytes;
}

uint32_t take_number(struct message *message)
{
    const unsigned char *bytes = take_bytes(message, sizeof(uint32_t));
    uint32_t number;

    if (bytes == NULL)
        return 0;
    memcpy(&number, bytes, sizeof number);
    return ntohl(number);
}

char *take_string(struct message *message)
{
    uint32_t length = take_number(message);
    const unsigned char *bytes = take_bytes(message, length);
    char *text = bytes == NULL || memchr(bytes, '\0', length) != NULL ? NULL : malloc((size_t)length + 1);

    if (text == NULL) {
        message->is_broken = 1;
        return NULL;
    }
    memcpy(text, bytes, length);
    text[length] = '\0';
    return text;
}

const char *take_path(struct message *message)
{
    uint32_t length = take_number(message);
    const char *path = (const char *)take_bytes(message, length);

    if (path == NULL || length == 0 || memchr(path, '\0', length) != path + length - 1) {
        message->is_broken = 1;
        return NULL;
    }
    return path;
}

char **take_list(struct message *message)
{
    uint32_t count = take_number(message);
    char **texts;

    /* Each string takes at least its length. */
    if (message->is_broken || count > (message->used - message->read) / sizeof(uint32_t)) {
        message->is_broken = 1;
        return NULL;
    }
    texts = calloc((size_t)count + 1, sizeof *texts);
    if (texts == NULL)
        message->is_broken = 1;
    for (uint32_t i = 0; i < count && !message->is_broken; i++)
        texts[i] = take_string(message);
    if (message->is_broken) {
        free_list(texts);
        return NULL;
    }
    return texts;
}

void free_list(char **texts)
{
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
        free(texts[i]);
    free(texts);
}
