/*
 * The filter of system calls for jobs: a program of the kernel's classic BPF, which bubblewrap installs just before it
 * runs the compiler. Everything is allowed that is not refused here, as compilers change more often than what no compiler
 * does.
 *
 * A 64-bit kernel takes calls of its 32-bit sibling too, under other numbers, from any process: each has its own half of
 * the program, a binary search among the numbers that matter. Kernels since 5.11 try every number when a filter is installed,
 * so as to ask it no more about those that it allows whatever the arguments: one number after the other, that took 0.5 ms.
 * Arguments that are addresses cannot be looked behind.
 *
 * Commands that run under a view have a second one, which stops every call that takes a path until view.c has answered it.
 * Of the answers of two filters the kernel takes the stricter, and to refuse is stricter than to ask.
 */
#include "filter.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's words for all this are in headers that musl's compiler does not find. */
struct instruction {
    uint16_t code;
    uint8_t skip_if_so; /* how many of the following */
    uint8_t skip_if_not;
    uint32_t value;
};

enum { LOAD = 0x20, IF_EQUAL = 0x15, IF_AT_LEAST = 0x35, IF_ANY_BIT = 0x45, JUMP = 0x05, RETURN = 0x06 };
enum { NUMBER_AT = 0, ARCHITECTURE_AT = 4, ARGUMENTS_AT = 16, ARGUMENT_SIZE = 8 };

static const uint32_t KILL = 0x80000000, REFUSE = 0x00050000, ASK = 0x7fc00000, ALLOW = 0x7fff0000;

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the lower half of an argument must be its first four bytes"
#endif

enum machine { X86_64, I386, AARCH64, ARM, MACHINES };
enum { NONE = -1 };

static const uint32_t architectures[MACHINES] = {0xc000003e, 0x40000003, 0xc00000b7, 0x40000028};

/* Bit of the numbers of x32, which is 64-bit x86 with short addresses. No distribution has compilers for it. */
static const uint32_t X32 = 0x40000000;

struct call {
    int error;
    int numbers[MACHINES];
};

#define CALL(name, error, ...) {error, {__VA_ARGS__}},
static const struct call calls[] = {
#include "calls.h"
};
#undef CALL

#define PATH_CALL(name, action, directory, path, flags, ...) {__VA_ARGS__},
static const int path_calls[][MACHINES] = {
#include "paths.h"
};
#undef PATH_CALL

/* A call of which one argument decides: the first test that it passes, or else it is allowed. */
struct inspection {
    int numbers[MACHINES];
    int argument;
    struct {
        uint16_t code;
        uint32_t value;
        uint32_t verdict;
    } tests[3];
};

enum {
    EVERY_NAMESPACE = 0x7e020000, /* CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID and NET */
    PUSH_INPUT = 0x5412,          /* TIOCSTI and TIOCLINUX put words into the mouth of whoever sits at a terminal */
    LINUX_CONSOLE = 0x541c,
    LINE_DISCIPLINE = 0x5423, /* TIOCSETD has the kernel load a module */
    /* Of personalities: to be told of a 32-bit machine, of Linux 2.6, or to have addresses that are always the same. */
    COMMON_PERSONALITIES = 0x00060008,
};

static const struct inspection inspections[] = {
    /* clone: a process or a thread, but no namespace */
    {{56, 120, 220, 120}, 0, {{IF_ANY_BIT, EVERY_NAMESPACE, REFUSE | EPERM}}},
    /* socket, socketpair: a compiler may ask who a user is, or talk to a job server, on this machine */
    {{41, 359, 198, 281}, 0, {{IF_EQUAL, AF_UNIX, ALLOW}, {IF_AT_LEAST, 0, REFUSE | EPERM}}},
    {{53, 360, 199, 288}, 0, {{IF_EQUAL, AF_UNIX, ALLOW}, {IF_AT_LEAST, 0, REFUSE | EPERM}}},
    /* ioctl */
    {{16, 54, 29, 54},
     1,
     {{IF_EQUAL, PUSH_INPUT, REFUSE | EPERM},
      {IF_EQUAL, LINUX_CONSOLE, REFUSE | EPERM},
      {IF_EQUAL, LINE_DISCIPLINE, REFUSE | EPERM}}},
    /* personality: all bits ask what it is */
    {{135, 136, 92, 136}, 0, {{IF_EQUAL, UINT32_MAX, ALLOW}, {IF_ANY_BIT, ~(uint32_t)COMMON_PERSONALITIES, REFUSE | EPERM}}},
};

enum {
    COUNT = sizeof calls / sizeof *calls,
    INSPECTED = sizeof inspections / sizeof *inspections,
    PATH_CALLS = sizeof path_calls / sizeof *path_calls,
};
/* So many numbers are compared one by one: a step of the search costs two instructions, and there is room in a jump for 255. */
enum { FEW = 3 };
enum { ROOM = 8 + 2 * (8 + 4 * COUNT + 12 * INSPECTED), MOST_ENTRIES = COUNT + INSPECTED };

_Static_assert((int)PATH_CALLS <= (int)COUNT, "there is room for one filter as for the other");

/* A number that matters, and why. */
struct entry {
    uint32_t number;
    uint32_t verdict;
    const struct inspection *inspection; /* or NULL */
};

struct program {
    struct instruction instructions[ROOM];
    size_t length;
};

static void add(struct program *program, int code, int skip_if_so, int skip_if_not, uint32_t value)
{
    program->instructions[program->length++] =
        (struct instruction){(uint16_t)code, (uint8_t)skip_if_so, (uint8_t)skip_if_not, value};
}

static void add_inspection(struct program *program, const struct entry *entry)
{
    const struct inspection *inspection = entry->inspection;
    int tests = 0;

    while (tests < 3 && inspection->tests[tests].code != 0)
        tests++;
    add(program, IF_EQUAL, 0, 2 * tests + 2, entry->number);
    add(program, LOAD, 0, 0, (uint32_t)(ARGUMENTS_AT + ARGUMENT_SIZE * inspection->argument));
    for (int i = 0; i < tests; i++) {
        add(program, inspection->tests[i].code, 0, 1, inspection->tests[i].value);
        add(program, RETURN, 0, 0, inspection->tests[i].verdict);
    }
    add(program, RETURN, 0, 0, ALLOW);
}

/* The search among entries that are sorted by number; each way through it ends. */
static void add_search(struct program *program, const struct entry *entries, size_t count)
{
    size_t jump = program->length, middle = count / 2;

    if (count > FEW) {
        add(program, IF_AT_LEAST, 0, 0, entries[middle].number);
        add_search(program, entries, middle);
        program->instructions[jump].skip_if_so = (uint8_t)(program->length - jump - 1);
        add_search(program, entries + middle, count - middle);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (entries[i].inspection != NULL) {
            add_inspection(program, &entries[i]);
        } else {
            add(program, IF_EQUAL, 0, 1, entries[i].number);
            add(program, RETURN, 0, 0, entries[i].verdict);
        }
    }
    add(program, RETURN, 0, 0, ALLOW);
}

static int by_number(const void *one, const void *other)
{
    uint32_t left = ((const struct entry *)one)->number, right = ((const struct entry *)other)->number;

    return left < right ? -1 : left > right;
}

/* Fills in what matters of one architecture's calls, and says how many those are. */
typedef size_t (*list_calls)(struct entry *entries, enum machine machine);

static size_t list_refused(struct entry *entries, enum machine machine)
{
    size_t count = 0;

    for (int i = 0; i < COUNT; i++)
        if (calls[i].numbers[machine] != NONE)
            entries[count++] =
                (struct entry){(uint32_t)calls[i].numbers[machine], REFUSE | (uint32_t)calls[i].error, NULL};
    for (int i = 0; i < INSPECTED; i++)
        entries[count++] = (struct entry){(uint32_t)inspections[i].numbers[machine], 0, &inspections[i]};
    return count;
}

static size_t list_asked(struct entry *entries, enum machine machine)
{
    size_t count = 0;

    for (int i = 0; i < PATH_CALLS; i++)
        if (path_calls[i][machine] != NONE)
            entries[count++] = (struct entry){(uint32_t)path_calls[i][machine], ASK, NULL};
    return count;
}

/* All that happens to calls of one architecture; others fall through to what comes next. */
static void add_machine(struct program *program, enum machine machine, list_calls list)
{
    struct entry entries[MOST_ENTRIES];
    size_t skip, count = list(entries, machine);

    qsort(entries, count, sizeof *entries, by_number);

    /* The whole half is too long for a conditional jump. */
    add(program, IF_EQUAL, 1, 0, architectures[machine]);
    skip = program->length;
    add(program, JUMP, 0, 0, 0);
    add(program, LOAD, 0, 0, NUMBER_AT);
    if (machine == X86_64) {
        add(program, IF_AT_LEAST, 0, 1, X32);
        add(program, RETURN, 0, 0, REFUSE | ENOSYS);
    }
    add_search(program, entries, count);
    program->instructions[skip].value = (uint32_t)(program->length - skip - 1);
}

static void assemble(struct program *program, enum machine wide, enum machine narrow, list_calls list)
{
    program->length = 0;
    add(program, LOAD, 0, 0, ARCHITECTURE_AT);
    add_machine(program, wide, list);
    add_machine(program, narrow, list);
    add(program, RETURN, 0, 0, KILL);
}

static int assemble_for(struct program *program, const char *machine, list_calls list)
{
    if (strcmp(machine, "x86_64") == 0)
        assemble(program, X86_64, I386, list);
    else if (strcmp(machine, "aarch64") == 0)
        assemble(program, AARCH64, ARM, list);
    else
        return errno = ENOSYS, -1;
    return 0;
}

#if defined(__x86_64__)
static const char own_machine[] = "x86_64";
#elif defined(__aarch64__)
static const char own_machine[] = "aarch64";
#else
static const char own_machine[] = "another";
#endif

static int write_program(const struct program *program, int file)
{
    size_t size = program->length * sizeof *program->instructions;
    ssize_t written = write(file, program->instructions, size);

    if (written >= 0 && (size_t)written < size)
        errno = EIO;
    return written == (ssize_t)size ? 0 : -1;
}

int filter_open(void)
{
    struct program program;
    int file;

    if (assemble_for(&program, own_machine, list_refused) != 0)
        return -1;
    /* Not a pipe: to a user who has too many, it is a pipe with room for less than this. */
    file = memfd_create("jdist-filter", 0);
    if (file >= 0 && (write_program(&program, file) != 0 || lseek(file, 0, SEEK_SET) != 0)) {
        close(file);
        return -1;
    }
    return file;
}

int filter_listen(void)
{
    enum { SET_MODE_FILTER = 1, NEW_LISTENER = 1 << 3, WAIT_KILLABLE = 1 << 5 };
    struct program program;
    struct {
        unsigned short length;
        struct instruction *instructions;
    } handed = {.instructions = program.instructions};
    int listener;

    if (assemble_for(&program, own_machine, list_asked) != 0)
        return -1;
    handed.length = (unsigned short)program.length;
    /* A call that was told of is not begun anew for a signal that ends nothing: Linux 5.19. */
    listener = (int)syscall(SYS_seccomp, SET_MODE_FILTER, NEW_LISTENER | WAIT_KILLABLE, &handed);
    if (listener < 0 && errno == EINVAL)
        listener = (int)syscall(SYS_seccomp, SET_MODE_FILTER, NEW_LISTENER, &handed);
    return listener;
}

int filter_print(const char *machine, int asks)
{
    struct program program;

    if (assemble_for(&program, machine, asks ? list_asked : list_refused) == 0 && write_program(&program, STDOUT_FILENO) == 0)
        return 0;
    fprintf(stderr, "jdist-sandbox: no filter of system calls for %s: %s\n", machine, strerror(errno));
    return 1;
}

int filter_prove(void)
{
    int network = socket(AF_INET, SOCK_DGRAM, 0);

    if (network < 0 && errno == EPERM)
        return 0;
    fprintf(stderr, "jdist-sandbox: the filter of system calls is not in force\n");
    return 1;
}
