/*
 * Fuzz target: how the launcher finds the compiler that it is called for, and becomes it. The input, behind the byte for
 * faults.h, is its own path, PATH, the chain of programs called before, and its words, each with a NUL behind it.
 *
 * Whatever it is, and whatever fails on the way (/proc, the daemon, memory), a compile ends in the compiler, and never in
 * the launcher itself; or there is none, and a shell would say so, too.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../../sandbox/src/test/c/faults.h"

enum { DAEMON = 7, MAX_WORDS = 16, SELF = 3, CALLED = 127, UNUSABLE = 126 };

static char given[4096];
static const char *path_variable, *called_before, *own_path;
static int has_become, has_asked, is_java;

static const char *next_text(char **at)
{
    const char *found = *at;

    *at += strlen(*at) + (*at < given + sizeof given - 1);
    return found;
}

/* What is under a path: its last letter says it. */
static int kind_of(const char *path)
{
    size_t length = strlen(path);

    return length == 0 ? 0 : path[length - 1] % 8;
}

static int fake_stat(const char *path, struct stat *file)
{
    int is_proc = strcmp(path, "/proc/self/exe") == 0, kind = is_proc ? SELF : kind_of(path);

    if (kind == 0 || (is_proc && strikes(4)))
        return errno = ENOENT, -1;
    memset(file, 0, sizeof *file);
    file->st_mode = kind == 1 ? S_IFDIR | 0755 : S_IFREG | 0755;
    file->st_dev = 1;
    file->st_ino = (ino_t)kind;
    return 0;
}

static int fake_access(const char *path, int how)
{
    CHECK(how == X_OK);
    return kind_of(path) == 2 ? (errno = EACCES, -1) : 0;
}

static ssize_t fake_readlink(const char *path, char *target, size_t size)
{
    CHECK(strcmp(path, "/proc/self/exe") == 0 && size == PATH_MAX - 1);
    if (strikes(4))
        return errno = ENOENT, -1;
    strcpy(target, "/opt/jdist/bin/jdist (deleted)");
    return (ssize_t)strlen(target);
}

static unsigned long fake_getauxval(unsigned long type)
{
    CHECK(type == AT_EXECFN);
    return (unsigned long)own_path;
}

static char *fake_getenv(const char *name)
{
    return (char *)(strcmp(name, "PATH") == 0 ? path_variable : strcmp(name, "JDIST_CHAIN") == 0 ? called_before : NULL);
}

static int fake_setenv(const char *name, const char *value)
{
    CHECK(strcmp(name, "JDIST_CHAIN") == 0 && strchr(value, ',') != NULL && strlen(value) < 1100);
    return 0;
}

static int fake_execv(const char *path, char *const *arguments)
{
    struct stat file;

    if (strcmp(path, "/bin/sh") == 0) {
        CHECK(has_become && arguments[1] != NULL);
    } else {
        CHECK(!has_become && arguments[0] != NULL && !is_java);
        /* It knows itself as long as anything says what it is. */
        CHECK(fake_stat(path, &file) != 0 || file.st_ino != SELF || kind_of(own_path) != SELF);
    }
    has_become = 1;
    return errno = strikes(2) ? ENOEXEC : ENOENT, -1;
}

#define stat(path, file) fake_stat(path, file)
#define access fake_access
#define readlink fake_readlink
#define getauxval fake_getauxval
#define getenv fake_getenv
#define setenv(name, value, overwrite) fake_setenv(name, value)
#define execv fake_execv
#define isatty(stream) 0
#define close(file) CHECK((file) == DAEMON)
#define unshare(flags) -1
#define getcwd(buffer, size) (strikes(8) ? NULL : strcpy(buffer, "/"))
#define puts(line) CHECK((line)[0] != '\0')
#define printf(...) 0
#define fprintf(...) 0
#define main jdist_main

int jdist_main(int count, char **words);

#include "../../main/c/chain.c"

#include "../../main/c/jdist.c"

#undef main
#undef stat

char home[PATH_MAX], socket_path[108], socket_problem[512];

const char *setting(const char *name, const char *fallback)
{
    const char *value = fake_getenv(name);

    return value != NULL && *value != '\0' ? value : fallback;
}

int find_socket(void)
{
    return !strikes(8);
}

int connect_to_daemon(void)
{
    return strikes(2) ? -1 : DAEMON;
}

int start_client_daemon(int insist, char *report, size_t size)
{
    CHECK(size > 0);
    report[0] = '\0';
    return strikes(2) ? -1 : DAEMON;
}

int obey(int daemon)
{
    CHECK(daemon == DAEMON && !has_asked && !is_waited_for());
    has_asked = 1;
    return strikes(2);
}

char *own_view(void)
{
    static char view[] = "";

    return view;
}

int has_own_limits(void)
{
    return 0;
}

int has_small_files(void)
{
    return 0;
}

int stays_in_foreground(void)
{
    return 0;
}

void make_absolute(const char *variable)
{
    CHECK(variable[0] != '\0');
}

void become_java(const char *program, const char *heap, const char *property, char **arguments)
{
    is_java = 1;
    fake_exit(0);
}

int start_in_background(const char *program, const char *heap, char **arguments, pid_t *pid, char *report, size_t size)
{
    is_java = 1;
    report[0] = '\0';
    return 0;
}

struct message begin_message(enum message_type type)
{
    return (struct message){.bytes = NULL};
}

void put_number(struct message *message, uint32_t number)
{
    message->is_broken |= strikes(100);
}

void put_string(struct message *message, const char *string)
{
    message->is_broken |= strlen(string) > PATH_MAX;
}

void put_list(struct message *message, char **texts)
{
    CHECK(texts != NULL);
}

int send_message(int connection, struct message *message)
{
    CHECK(connection == DAEMON);
    return !message->is_broken && !strikes(4);
}

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

void say(const char *format, ...)
{
    CHECK(format[0] != '\0');
}

void debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

void debug(const char *format, ...)
{
    CHECK(format[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[MAX_WORDS + 1] = {NULL}, *at = given;
    int count = 0;

    begin_world(data, size);
    memset(given, 0, sizeof given);
    if (size > 1)
        memcpy(given, data + 1, size - 1 < sizeof given - 2 ? size - 1 : sizeof given - 2);
    own_path = next_text(&at);
    path_variable = next_text(&at);
    called_before = next_text(&at);
    while (count < MAX_WORDS && *at != '\0')
        words[count++] = (char *)next_text(&at);
    memset(&chain, 0, sizeof chain);
    memset(&self, 0, sizeof self);
    has_become = has_asked = is_java = 0;
    if (count > 0 && setjmp(world.end) == 0) {
        int status = jdist_main(count, words);

        CHECK(status == CANNOT_START && !has_become && !has_asked); /* it is no compile */
    } else if (count > 0 && has_become) {
        CHECK(world.status == CALLED || world.status == UNUSABLE);
    }
    end_world();
    return 0;
}
