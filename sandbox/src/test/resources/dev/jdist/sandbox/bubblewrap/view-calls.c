/*
 * What a command may do to whoever shows it a view. The first argument says what; each prints a line for each thing that
 * it tried, "NAME ERRNO", with 0 for success, or only what the test has to know.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static void say(const char *name, long result)
{
    printf("%s %d\n", name, result < 0 ? errno : 0);
}

#ifdef __x86_64__
/* As a 32-bit program calls the kernel: pointers have to be below 4 GiB. */
static long call32(long number, long first, long second, long third)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third) : "memory", "r8", "r9", "r10", "r11");
    if ((int)result < 0 && (int)result > -4096)
        return errno = -(int)result, -1;
    return (int)result;
}

static void narrow(void)
{
    char *low = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    long file;

    strcpy(low, "/work/here");
    strcpy(low + 100, "/work/decoy");
    file = call32(5, (long)low, O_RDONLY, 0);
    say("open here", file);
    printf("read %zd\n", read((int)file, low + 4096, 100));
    say("open decoy", call32(5, (long)(low + 100), O_RDONLY, 0));
    say("openat decoy", call32(295, AT_FDCWD, (long)(low + 100), O_RDONLY));
    say("stat64 decoy", call32(195, (long)(low + 100), (long)(low + 4096), 0));
    say("access decoy", call32(33, (long)(low + 100), 0, 0));
    say("execve decoy", call32(11, (long)(low + 100), 0, 0));
    say("stat64 here", call32(195, (long)low, (long)(low + 4096), 0));
}
#else
static void narrow(void)
{
    printf("none\n");
}
#endif

static int at_socket(const char *path, int (*call)(int, const struct sockaddr *, socklen_t))
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    strcpy(address.sun_path, path);
    return call(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
}

/* Every kind of call, of a file that only the lower tree has. */
static void decoys(const char *path)
{
    struct stat status;
    struct statfs system;
    char room[4096], *none[] = {NULL};
    struct statx extended;
    uint64_t how[3] = {O_RDONLY, 0, 0};

    say("open", open(path, O_RDONLY));
    say("open for writing", open(path, O_WRONLY | O_TRUNC));
    say("open path", open(path, O_PATH));
    say("open link", open(path, O_PATH | O_NOFOLLOW));
    say("openat2", syscall(437, AT_FDCWD, path, how, sizeof how));
    say("stat", syscall(SYS_newfstatat, AT_FDCWD, path, &status, 0));
    say("lstat", lstat(path, &status));
    say("statx", syscall(SYS_statx, AT_FDCWD, path, 0, 0, &extended));
    say("access", access(path, F_OK));
    say("faccessat2", syscall(439, AT_FDCWD, path, F_OK, 0));
    say("readlink", readlink(path, room, sizeof room));
    say("chdir", chdir(path));
    say("statfs", statfs(path, &system));
    say("getxattr", getxattr(path, "user.x", room, sizeof room));
    say("lgetxattr", lgetxattr(path, "user.x", room, sizeof room));
    say("listxattr", listxattr(path, room, sizeof room));
    say("setxattr", setxattr(path, "user.x", "x", 1, 0));
    say("removexattr", removexattr(path, "user.x"));
    say("truncate", truncate(path, 0));
    say("chmod", chmod(path, 0600));
    say("chown", chown(path, 0, 0));
    say("lchown", lchown(path, 0, 0));
    say("utimensat", utimensat(AT_FDCWD, path, NULL, 0));
    say("execve", execve(path, none, none));
    say("execveat", syscall(SYS_execveat, AT_FDCWD, path, none, none, 0));
    say("link", link(path, "/work/linked"));
    say("rename", rename(path, "/work/renamed"));
    say("unlink", unlink(path));
    say("rmdir", rmdir(path));
    say("inotify_add_watch", syscall(SYS_inotify_add_watch, syscall(SYS_inotify_init1, 0), path, 1));
    say("below", open("/work/decoy/x", O_RDONLY));
    say("connect", at_socket(path, connect));
}

/* Pointers and paths that are none. */
static void odd(void)
{
    static char longest[8192];
    char *last = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), text[300];
    struct stat status;
    uint64_t how[3] = {O_RDONLY, 0, 0x10};
    int directory = open("/work", O_PATH | O_DIRECTORY), file = open("/work/here", O_RDONLY);

    munmap(last + 4096, 4096);
    memcpy(last + 4096 - 11, "/work/here", 11);
    say("at the end of a page", access(last + 4096 - 11, F_OK));
    memset(last + 4096 - 11, 'x', 11);
    say("behind the end", access(last + 4096 - 11, F_OK));
    say("nowhere", access((char *)8, F_OK));
    say("null", syscall(SYS_access, NULL, F_OK));
    say("empty", access("", F_OK));
    memset(longest, '/', 4095);
    say("4095 slashes", access(longest, F_OK));
    longest[4095] = '/';
    say("4096 slashes", access(longest, F_OK));
    memset(text, 'n', 256);
    text[256] = '\0';
    say("name of 256", access(text, F_OK));
    text[255] = '\0';
    say("name of 255", access(text, F_OK));
    say("bad directory", syscall(SYS_faccessat, 99, "here", F_OK));
    say("file as directory", syscall(SYS_faccessat, file, "here", F_OK));
    say("in a directory", syscall(SYS_faccessat, directory, "here", F_OK));
    say("empty path of a file", syscall(SYS_newfstatat, file, "", &status, AT_EMPTY_PATH));
    say("null path of a file", syscall(SYS_utimensat, file, NULL, NULL, 0));
    say("slash behind a file", access("/work/here/", F_OK));
    say("dots behind a file", access("/work/here/../here", F_OK));
    say("dots above the root", access("/../../work/here", F_OK));
    say("loop", access("/work/loop", F_OK));
    say("loop itself", lstat("/work/loop", &status));
    say("root of another kind", syscall(437, directory, "/here", how, sizeof how));
    how[2] = 0x08;
    say("beneath", syscall(437, directory, "here", how, sizeof how));
    say("beneath, and not", syscall(437, directory, "../work/here", how, sizeof how));
    say("structure nowhere", syscall(437, directory, "here", (void *)8, sizeof how));
    say("temporary", open("/work", O_TMPFILE | O_RDWR, 0600));
    say("self cwd", access("/proc/self/cwd/work/here", F_OK));
    say("self root", access("/proc/self/root/work/here", F_OK));
    say("thread root", access("/proc/thread-self/root/work/here", F_OK));
    snprintf(text, sizeof text, "/proc/self/fd/%d/here", directory);
    say("self fd", access(text, F_OK));
    snprintf(text, sizeof text, "/proc/%d/fd/%d/decoy", getpid(), directory);
    say("decoy by fd", access(text, F_OK));
    say("decoy by root", access("/proc/self/root/work/decoy", F_OK));
    say("decoy by cwd", access("/proc/self/cwd/work/decoy", F_OK));
    snprintf(text, sizeof text, "/dev/fd/%d", file);
    say("dev fd", access(text, R_OK));
    say("root of process 1", access("/proc/1/root/work/here", F_OK));
    say("contents of process 1", access("/proc/1/fd/5", F_OK));
}

static volatile int is_over;
static char raced[2][64];
static char *volatile racing = raced[0];

static void *change(void *path)
{
    while (!is_over) {
        memcpy(raced[0] + 6, "here\0\0", 6);
        memcpy(raced[0] + 6, "decoy\0", 6);
    }
    return path;
}

/* Changes the path while it is looked at; what is found is the loss of who does it. */
static void race(void)
{
    pthread_t other;
    struct stat status;

    strcpy(raced[0], "/work/here");
    pthread_create(&other, NULL, change, NULL);
    for (int i = 0; i < 20000; i++)
        stat(racing, &status);
    is_over = 1;
    pthread_join(other, NULL);
    printf("over\n");
}

static void *swap(void *path)
{
    while (!is_over) {
        rename("/tmp/moving", "/tmp/moved");
        if (symlink("/", "/tmp/moving") == 0)
            unlink("/tmp/moving");
        rename("/tmp/moved", "/tmp/moving");
    }
    return path;
}

/* Replaces a directory of its own by a link, and has files of the view made at the same time. */
static void swap_directories(void)
{
    pthread_t other;
    char path[64];

    mkdir("/tmp/moving", 0755);
    pthread_create(&other, NULL, swap, NULL);
    for (int i = 0; i < 300; i++) {
        snprintf(path, sizeof path, "/tmp/moving/../../many/%d", i);
        access(path, F_OK);
        snprintf(path, sizeof path, "/tmp/moving/%d", i);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    is_over = 1;
    pthread_join(other, NULL);
    printf("over\n");
}

static void *look(void *number)
{
    char path[64];
    long missing = 0;

    for (int i = 0; i < 300; i++) {
        struct stat status;

        snprintf(path, sizeof path, "/many/%d", i);
        missing += stat(path, &status) != 0 || status.st_size != 1 + (i > 9) + (i > 99);
    }
    (void)number;
    return (void *)missing;
}

static void threads(void)
{
    pthread_t all[16];
    long missing = 0;

    for (int i = 0; i < 16; i++)
        pthread_create(&all[i], NULL, look, NULL);
    for (int i = 0; i < 16; i++) {
        void *result;

        pthread_join(all[i], &result);
        missing += (long)result;
    }
    printf("missing %ld\n", missing);
}

static void processes(void)
{
    int failed = 0, status;

    for (int i = 0; i < 1000; i++) {
        pid_t child = fork();

        if (child == 0)
            _exit(access(i % 2 == 0 ? "/work/here" : "/work/decoy", F_OK) == 0 ? 0 : 1);
        if (child < 0)
            failed++;
        if (i % 50 == 49)
            while (waitpid(-1, &status, 0) > 0)
                ;
    }
    printf("failed %d\n", failed);
}

/* Kills those that wait for an answer. */
static void kills(void)
{
    for (int i = 0; i < 300; i++) {
        pid_t child = fork();

        if (child == 0)
            for (;;)
                access(i % 2 == 0 ? "/work/here" : "/work/decoy", F_OK);
        usleep((unsigned)(i % 7) * 100);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    say("kill 1", kill(1, SIGKILL));
    say("here", access("/work/here", F_OK));
    say("decoy", access("/work/decoy", F_OK));
}

static void hide(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    if (fork() == 0) /* whose memory was not open before */
        _exit(access("/work/here", F_OK));
    wait(NULL);
    printf("went on\n");
}

/* Makes, moves and removes names, and looks at them. */
static void own(void)
{
    struct stat status;
    char room[100];

    say("create", open("/work/new", O_CREAT | O_EXCL | O_WRONLY, 0600));
    say("create again", open("/work/new", O_CREAT | O_EXCL | O_WRONLY, 0600));
    say("look", access("/work/here", F_OK));
    say("create what is there", open("/work/here", O_CREAT | O_EXCL | O_WRONLY, 0600));
    say("rename", rename("/work/new", "/work/newer"));
    say("gone", access("/work/new", F_OK));
    say("there", access("/work/newer", F_OK));
    say("mkdir", mkdir("/work/dir", 0755));
    say("mkdir what is there", mkdir("/work", 0755));
    say("mkdir below", mkdir("/work/dir/below", 0755));
    say("mkdir in nothing", mkdir("/work/no/below", 0755));
    say("symlink", symlink("../../here", "/work/dir/below/link"));
    say("through it", stat("/work/dir/below/link", &status));
    printf("size %ld\n", (long)status.st_size);
    say("link", link("/work/here", "/work/dir/hard"));
    say("rename dir", rename("/work/dir", "/work/other"));
    say("below the other", access("/work/other/below/link", F_OK));
    say("below the old", access("/work/dir/below/link", F_OK));
    say("rename what the view has", rename("/full", "/work/full"));
    say("rmdir what is full", rmdir("/full"));
    say("rmdir what is empty", rmdir("/empty"));
    say("empty is gone", access("/empty", F_OK));
    say("unlink what the view has", unlink("/work/linked"));
    say("unlinked is gone", lstat("/work/linked", &status));
    say("over decoy", open("/work/decoy", O_CREAT | O_RDWR, 0600));
    say("size of it", stat("/work/decoy", &status));
    printf("size %ld\n", (long)status.st_size);
    say("over decoys, exclusively", open("/work/decoy2", O_CREAT | O_EXCL | O_RDWR, 0600));
    say("mkdir over decoys", mkdir("/work/decoys", 0700));
    say("below decoys", access("/work/decoys/decoy", F_OK));
    say("rename over", rename("/work/newer", "/work/here"));
    say("size of it", stat("/work/here", &status));
    printf("size %ld\n", (long)status.st_size);
    say("truncate by opening", open("/work/long", O_CREAT | O_TRUNC | O_WRONLY, 0600));
    say("size of it", stat("/work/long", &status));
    printf("size %ld\n", (long)status.st_size);
    say("bind", at_socket("/work/socket", bind));
    say("bound", access("/work/socket", F_OK));
    say("connect to what does not listen", at_socket("/work/socket", connect));
    say("exchange", syscall(SYS_renameat2, AT_FDCWD, "/work/long", AT_FDCWD, "/full/a", 2));
    printf("read %zd\n", read(open("/work/long", O_RDONLY), room, sizeof room));
}

int main(int count, char **words)
{
    const char *what = count > 1 ? words[1] : "";

    if (strcmp(what, "narrow") == 0)
        narrow();
    else if (strcmp(what, "decoys") == 0)
        decoys(words[2]);
    else if (strcmp(what, "odd") == 0)
        odd();
    else if (strcmp(what, "race") == 0)
        race();
    else if (strcmp(what, "swap") == 0)
        swap_directories();
    else if (strcmp(what, "threads") == 0)
        threads();
    else if (strcmp(what, "processes") == 0)
        processes();
    else if (strcmp(what, "kills") == 0)
        kills();
    else if (strcmp(what, "hide") == 0)
        hide();
    else if (strcmp(what, "own") == 0)
        own();
    return 0;
}
