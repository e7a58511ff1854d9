/*
 * What a fuzz target puts between the program under test and the C library: memory that can run out, transfers that stop
 * short, calls that a signal interrupts. An input's first byte says whether, and where; 0 means nowhere. A target includes
 * this behind all headers of the system, and then the sources under test.
 */
#ifndef JDIST_FAULTS_H
#define JDIST_FAULTS_H

#include <errno.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* There is no memory for what is larger than any input: to get it would be most of the work. */
enum { MAX_BLOCKS = 1 << 16, MAX_BLOCK = 1 << 20 };

static struct {
    const uint8_t *input;
    size_t size, at; /* of which so much was read */
    uint32_t chaos; /* 0: no fault anywhere */
    void *blocks[MAX_BLOCKS]; /* what is to be freed when the program under test has ended */
    size_t block_count;
    jmp_buf end;
    int status; /* with which it ended */
} world;

#define CHECK(condition) ((condition) ? (void)0 : broken_promise(#condition, __LINE__))

static inline void broken_promise(const char *condition, int line) __attribute__((noreturn));

static inline void broken_promise(const char *condition, int line)
{
    fprintf(stderr, "fuzz: line %d: not so: %s\n", line, condition);
    abort();
}

/* One of `bound` numbers; always 0 where no fault is wanted. */
static inline uint32_t chance(uint32_t bound)
{
    if (world.chaos == 0)
        return 0;
    world.chaos = world.chaos * 1664525u + 1013904223u;
    return (world.chaos >> 16) % bound;
}

static inline int strikes(uint32_t one_in)
{
    return chance(one_in) == 1;
}

static inline void begin_world(const uint8_t *input, size_t size)
{
    world.input = input;
    world.size = size;
    world.at = size > 0 ? 1 : 0;
    world.chaos = size > 0 && input[0] != 0 ? input[0] * 0x01000193u : 0;
    world.status = -1;
}

static inline void end_world(void)
{
    for (size_t i = 0; i < world.block_count; i++)
        free(world.blocks[i]);
    world.block_count = 0;
}

static inline size_t block_of(const void *memory)
{
    size_t i = world.block_count;

    while (i > 0 && world.blocks[i - 1] != memory)
        i--;
    CHECK(i > 0); /* else it is freed twice, or never was */
    return i - 1;
}

static inline void *fake_realloc(void *memory, size_t size)
{
    size_t at = memory == NULL ? world.block_count : block_of(memory);
    void *larger = size > MAX_BLOCK || strikes(200) || world.block_count == MAX_BLOCKS ? NULL : realloc(memory, size);

    if (larger == NULL)
        return NULL;
    world.blocks[at] = larger;
    world.block_count += memory == NULL;
    return larger;
}

static inline void *fake_malloc(size_t size)
{
    return fake_realloc(NULL, size);
}

static inline void *fake_calloc(size_t count, size_t size)
{
    void *memory = fake_malloc(count * size);

    return memory == NULL ? NULL : memset(memory, 0, count * size);
}

static inline void fake_free(void *memory)
{
    if (memory != NULL) {
        world.blocks[block_of(memory)] = world.blocks[world.block_count - 1];
        world.block_count--;
        free(memory);
    }
}

/* Reads what is left of the input, in parts. */
static inline ssize_t read_input(void *bytes, size_t count)
{
    size_t left = world.size - world.at;

    if (strikes(16))
        return errno = EINTR, -1;
    if (count > left)
        count = left;
    if (count > 1)
        count -= chance((uint32_t)count);
    memcpy(bytes, world.input + world.at, count);
    world.at += count;
    return (ssize_t)count;
}

/* How much of `count` bytes is taken this time, or -1 and errno. */
static inline ssize_t take_part(const void *bytes, size_t count)
{
    static volatile uint8_t sum;

    if (strikes(16))
        return errno = EINTR, -1;
    if (strikes(100))
        return errno = EPIPE, -1;
    if (count > 1)
        count -= chance((uint32_t)count);
    for (size_t i = 0; i < count; i++) /* the sanitizer looks whether it may be read */
        sum = (uint8_t)(sum + ((const uint8_t *)bytes)[i]);
    return (ssize_t)count;
}

/* What ends the program under test. */
static inline void fake_exit(int status) __attribute__((noreturn));

static inline void fake_exit(int status)
{
    world.status = status;
    longjmp(world.end, 1);
}

/* What replaces a function leaves out some of its arguments. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-value"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wtautological-compare"

#define malloc fake_malloc
#define calloc fake_calloc
#define realloc fake_realloc
#define free fake_free
#define exit fake_exit
#define _exit fake_exit

#endif
