/*
 * Runs a fuzz target where libFuzzer is not there, the same way in every run: each file of a corpus, and what random
 * changes make of them. It takes libFuzzer's own options, so that either can stand behind one command line:
 *
 *   PROGRAM -runs=NUMBER -max_total_time=SECONDS -seed=NUMBER DIRECTORY|FILE...
 *
 * It ends when both the runs are done and the time is over. An input that ends the program, or takes longer than ten
 * seconds, is written to standard error in hexadecimal, and into the file fuzz-failure; given that file, the program tries
 * that input alone.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST_OCTETS = 1 << 16, MAX_SEEDS = 256, MAX_CHANGES = 6, SECONDS_PER_INPUT = 10, FAILURE = 99 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void __sanitizer_set_death_callback(void (*callback)(void));
const char *__ubsan_default_options(void);

/* Instead of those in sanitizer-options.c: gcc's UBSan knows no callback, but there is one for this signal. */
const char *__ubsan_default_options(void)
{
    return "abort_on_error=1:print_stacktrace=1";
}

struct input {
    uint8_t *bytes;
    size_t size;
};

static struct input seeds[MAX_SEEDS];
static size_t seed_count;
static struct input current;
static uint64_t state;

/* splitmix64 */
static uint64_t random_number(uint64_t bound)
{
    uint64_t mixed = state += 0x9e3779b97f4a7c15u;

    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (mixed ^ mixed >> 31) % bound;
}

static void show_current(void)
{
    int file = open("fuzz-failure", O_WRONLY | O_CREAT | O_TRUNC, 0644);

    if (file >= 0 && write(file, current.bytes, current.size) == (ssize_t)current.size)
        fprintf(stderr, "\nfuzz-failure has the input: ");
    for (size_t i = 0; i < current.size; i++)
        fprintf(stderr, "%02x", current.bytes[i]);
    fputc('\n', stderr);
}

static void fail(int number)
{
    fprintf(stderr, "fuzz: signal %d\n", number);
    show_current();
    _exit(FAILURE);
}

static void try(const uint8_t *bytes, size_t size)
{
    /* As long as the input, so that the sanitizer sees what is read behind its end. */
    current.bytes = malloc(size == 0 ? 1 : size);
    current.size = size;
    if (current.bytes == NULL)
        abort();
    memcpy(current.bytes, bytes, size);
    alarm(SECONDS_PER_INPUT);
    LLVMFuzzerTestOneInput(current.bytes, size);
    free(current.bytes);
}

static void change(uint8_t *bytes, size_t *size)
{
    static const uint32_t numbers[] = {0, 1, 2, 4, 0x7f, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    size_t at = *size == 0 ? 0 : random_number(*size), length = 1 + random_number(16), from;
    uint32_t number = numbers[random_number(sizeof numbers / sizeof *numbers)];

    switch (random_number(7)) {
    case 0:
        bytes[at] = (uint8_t)random_number(256);
        break;
    case 1:
        bytes[at] = (uint8_t)(bytes[at] ^ 1u << random_number(8));
        break;
    case 2: /* a length, as a rule */
        if (at + 4 <= *size)
            for (size_t i = 0; i < 4; i++)
                bytes[at + i] = (uint8_t)(number >> (24 - 8 * i));
        break;
    case 3: /* take away */
        length = length > *size - at ? *size - at : length;
        memmove(bytes + at, bytes + at + length, *size - at - length);
        *size -= length;
        break;
    case 4: /* double */
        from = *size == 0 ? 0 : random_number(*size);
        length = length > *size - from ? *size - from : length;
        if (*size + length <= MOST_OCTETS) {
            memmove(bytes + at + length, bytes + at, *size - at);
            memmove(bytes + at, bytes + from, length);
            *size += length;
        }
        break;
    case 5:
        *size = at;
        break;
    default: /* another one behind it */
        from = random_number(seed_count);
        if (*size + seeds[from].size <= MOST_OCTETS) {
            memcpy(bytes + *size, seeds[from].bytes, seeds[from].size);
            *size += seeds[from].size;
        }
    }
}

static void add_file(const char *path)
{
    int file = open(path, O_RDONLY);
    static uint8_t bytes[MOST_OCTETS];
    ssize_t size = file < 0 ? -1 : read(file, bytes, sizeof bytes);
    struct input *seed = &seeds[seed_count];

    if (size < 0 || seed_count == MAX_SEEDS || (seed->bytes = malloc((size_t)size + 1)) == NULL) {
        fprintf(stderr, "fuzz: cannot read %s\n", path);
        exit(1);
    }
    close(file);
    memcpy(seed->bytes, bytes, (size_t)size);
    seed->size = (size_t)size;
    seed_count++;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* A directory's files in the order of their names, so that each run is the same. */
static void add(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_visible, alphasort);
    char name[4096];

    if (count < 0)
        add_file(path);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        add_file(name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

int main(int count, char **arguments)
{
    static uint8_t bytes[MOST_OCTETS];
    long runs = 0, done = 0;
    time_t started = time(NULL), seconds = 0;

    for (int i = 1; i < count; i++) {
        unsigned long number = strtoul(arguments[i] + strcspn(arguments[i], "=") + (strchr(arguments[i], '=') != NULL), NULL, 10);

        if (strncmp(arguments[i], "-runs=", 6) == 0)
            runs = (long)number;
        else if (strncmp(arguments[i], "-max_total_time=", 16) == 0)
            seconds = (time_t)number;
        else if (strncmp(arguments[i], "-seed=", 6) == 0)
            state = number;
        else
            add(arguments[i]);
    }
    __sanitizer_set_death_callback(show_current);
    signal(SIGALRM, fail);
    signal(SIGABRT, fail);
    for (size_t i = 0; i < seed_count; i++)
        try(seeds[i].bytes, seeds[i].size);
    for (; seed_count > 0 && (done < runs || time(NULL) - started < seconds); done++) {
        const struct input *seed = &seeds[random_number(seed_count)];
        size_t size = seed->size;

        memcpy(bytes, seed->bytes, size);
        for (uint64_t changes = 1 + random_number(MAX_CHANGES); changes > 0; changes--)
            change(bytes, &size);
        try(bytes, size);
    }
    printf("fuzz: %zu files and %ld changed ones: no fault\n", seed_count, done);
    return 0;
}
