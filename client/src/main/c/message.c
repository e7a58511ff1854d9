#include "message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = sizeof(uint32_t) + 1, MAX_MESSAGE = 1 << 28, BROKEN = 2 };

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
        exit(BROKEN);
    }
    return memory;
}

static void put(struct message *message, const void *octets, size_t count)
{
    if (message->used + count > message->size) {
        message->size = 2 * (message->used + count) + 4096;
        message->octets = must(realloc(message->octets, message->size));
    }
    memcpy(message->octets + message->used, octets, count);
    message->used += count;
}

struct message begin_message(enum message_type type)
{
    struct message message = {NULL, 0, 0, 0};
    unsigned char octet = (unsigned char)type;

    put_number(&message, 0); /* the length, known at the end */
    put(&message, &octet, 1);
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

int write_all(int fd, const unsigned char *octets, size_t count)
{
    while (count > 0) {
        ssize_t written = write(fd, octets, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return 0;
        octets += written;
        count -= (size_t)written;
    }
    return 1;
}

static int read_all(int fd, unsigned char *octets, size_t count)
{
    while (count > 0) {
        ssize_t got = read(fd, octets, count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return 0;
        octets += got;
        count -= (size_t)got;
    }
    return 1;
}

int send_message(int connection, struct message *message)
{
    uint32_t length = htonl((uint32_t)(message->used - sizeof length));
    size_t sent = 0;

    memcpy(message->octets, &length, sizeof length);
    while (sent < message->used) {
        ssize_t count = send(connection, message->octets + sent, message->used - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        sent += (size_t)count;
    }
    length = (uint32_t)message->used;
    free(message->octets);
    *message = (struct message){NULL, 0, 0, 0};
    return sent == length;
}

int receive_message(int connection, struct message *message)
{
    uint32_t length;

    if (!read_all(connection, (unsigned char *)&length, sizeof length))
        return 0;
    length = ntohl(length);
    if (length < 1 || length > MAX_MESSAGE)
        return 0;
    message->octets = must(malloc(length));
    message->used = length;
    message->read = 0;
    return read_all(connection, message->octets, length);
}

const unsigned char *take_octets(struct message *message, size_t count)
{
    const unsigned char *octets = message->octets + message->read;

    if (count > message->used - message->read) {
        say("the daemon sent a broken message; stop it with `jdist --stop-server`");
        exit(BROKEN);
    }
    message->read += count;
    return octets;
}

uint32_t take_number(struct message *message)
{
    uint32_t number;

    memcpy(&number, take_octets(message, sizeof number), sizeof number);
    return ntohl(number);
}

char *take_string(struct message *message)
{
    uint32_t length = take_number(message);
    const unsigned char *octets = take_octets(message, length);
    char *text = must(malloc((size_t)length + 1));

    memcpy(text, octets, length);
    text[length] = '\0';
    return text;
}

const char *take_path(struct message *message)
{
    uint32_t length = take_number(message);
    const char *path = (const char *)take_octets(message, length);

    if (length == 0 || path[length - 1] != '\0')
        take_octets(message, message->used + 1);
    return path;
}

char **take_list(struct message *message)
{
    uint32_t count = take_number(message);
    char **texts;

    if (count > message->used) /* each string takes at least its length */
        take_octets(message, message->used + 1);
    texts = must(calloc((size_t)count + 1, sizeof *texts));
    for (uint32_t i = 0; i < count; i++)
        texts[i] = take_string(message);
    return texts;
}
