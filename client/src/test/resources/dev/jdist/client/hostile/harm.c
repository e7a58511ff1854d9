/* What a hostile job does that does not end, leaves behind for others, or lays for whoever fetches its output. */
#include "intruder.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

/* What does not end. Each goes on until somebody ends it. */

static void wait_for_ever(void)
{
    for (;;)
        pause();
}

static void deaf(void)
{
    for (int each = 1; each < NSIG; each++)
        signal(each, SIG_IGN);
    wait_for_ever();
}

static void stopped(void)
{
    raise(SIGSTOP);
    wait_for_ever();
}

static void busy(void)
{
    for (volatile unsigned long turns = 0;; turns++)
        ;
}

static void print_to(int first, int second)
{
    static char octets[65536];

    memset(octets, 'x', sizeof octets);
    for (;;)
        if (write(first, octets, sizeof octets) < 0 || write(second, octets, sizeof octets) < 0)
            wait_for_ever();
}

static void print(void) { print_to(1, 1); }
static void print_errors(void) { print_to(2, 2); }
static void print_both(void) { print_to(1, 2); }

/* A hole takes no space here, and all of it in whoever reads it. */
static void print_a_hole(void)
{
    if (ftruncate(1, 24 << 20) != 0)
        pwrite(1, "x", 1, 24 << 20);
    wait_for_ever();
}

static void take_memory(void)
{
    for (;;) {
        char *piece = malloc(1 << 20);
        if (piece == NULL)
            wait_for_ever();
        memset(piece, 1, 1 << 20);
    }
}

static void take_memory_together(void)
{
    for (int i = 0; i < 20; i++)
        if (fork() == 0) {
            memset(malloc(8 << 20), 1, 8 << 20);
            wait_for_ever();
        }
    wait_for_ever();
}

/* Which no process has mapped. */
static void take_memory_in_files(void)
{
    static char octets[1 << 20];

    memset(octets, 1, sizeof octets);
    for (;;) {
        int file = memfd_create("x", 0);
        for (int i = 0; i < 16; i++)
            if (file < 0 || write(file, octets, sizeof octets) < 0)
                wait_for_ever();
    }
}

static void take_shared_memory(void)
{
    for (;;) {
        int id = shmget(IPC_PRIVATE, 4 << 20, IPC_CREAT | 0600);
        void *there = shmat(id, NULL, 0);
        if (id < 0 || there == (void *)-1)
            wait_for_ever();
        memset(there, 1, 4 << 20);
        shmdt(there);
    }
}

static void fork_bomb(void)
{
    for (;;)
        if (fork() < 0)
            usleep(1000);
}

/* None of which stays a child of whoever started it, and no faster than somebody who watches can see. */
static void daemons(void)
{
    for (;;) {
        if (fork() == 0) {
            setsid();
            if (fork() != 0)
                _exit(0);
            deaf();
        }
        usleep(3000);
    }
}

static void fill(const char *path)
{
    static char octets[1 << 20];
    int file = open(path, O_WRONLY | O_CREAT, 0644);

    signal(SIGXFSZ, SIG_IGN);
    memset(octets, 'x', sizeof octets);
    while (write(file, octets, sizeof octets) > 0)
        ;
    close(file);
}

static void fill_a_file(void)
{
    fill("/work/file");
    wait_for_ever();
}

static void numbered(void (*each)(const char *path))
{
    char path[64];

    for (long i = 0;; i++) {
        snprintf(path, sizeof path, "/work/n%ld", i);
        each(path);
    }
}

static void empty_file(const char *path) { close(open(path, O_WRONLY | O_CREAT, 0644)); }
static void one_directory(const char *path) { mkdir(path, 0755); }
static void one_link(const char *path) { if (symlink("/nowhere", path) != 0) usleep(1000); }

static void one_hard_link(const char *path)
{
    if (link("/work/first", path) != 0)
        usleep(1000);
}

static void million_files(void) { numbered(empty_file); }
static void million_directories(void) { numbered(one_directory); }
static void million_links(void) { numbered(one_link); }

static void million_hard_links(void)
{
    empty_file("/work/first");
    numbered(one_hard_link);
}

static void directories_in_directories(void)
{
    if (chdir("/work") != 0)
        _exit(3);
    for (int i = 0; i < 5000; i++)
        if (mkdir("d", 0700) != 0 || chdir("d") != 0)
            break;
    wait_for_ever();
}

/* A place to hide in: nobody may look into it. */
static void hidden_files(void)
{
    mkdir("/work/hidden", 0700);
    fill("/work/hidden/file");
    chmod("/work/hidden", 0);
    wait_for_ever();
}

/* They have no name any more, and their octets are still there. */
static void deleted_files(void)
{
    for (;;) {
        fill("/work/deleted");
        open("/work/deleted", O_RDONLY);
        unlink("/work/deleted");
    }
}

static const struct overrun {
    const char *name;
    void (*make)(void);
} overruns[] = {
    {"sleep for ever", wait_for_ever},
    {"be deaf to signals", deaf},
    {"stop itself", stopped},
    {"be busy for ever", busy},
    {"print for ever", print},
    {"print errors for ever", print_errors},
    {"print both for ever", print_both},
    {"print a hole", print_a_hole},
    {"take all memory", take_memory},
    {"take memory in many processes", take_memory_together},
    {"take memory in files without names", take_memory_in_files},
    {"take shared memory", take_shared_memory},
    {"fork for ever", fork_bomb},
    {"leave daemons for ever", daemons},
    {"fill a file", fill_a_file},
    {"make a million files", million_files},
    {"make a million directories", million_directories},
    {"make a million symbolic links", million_links},
    {"make a million hard links", million_hard_links},
    {"make directories in directories", directories_in_directories},
    {"hide files", hidden_files},
    {"fill deleted files", deleted_files},
};

/* Traps in the place of the output, into which whoever fetches it would walk. */

static const char OUTPUT[] = "/work/out/a.o";

void trap(const char *kind)
{
    int file;

    unlink(OUTPUT);
    if (strcmp(kind, "link to a secret") == 0)
        file = symlink(aim("secret"), OUTPUT);
    else if (strcmp(kind, "link to the certificate key") == 0)
        file = symlink(aim("key"), OUTPUT);
    else if (strcmp(kind, "link by dots") == 0) {
        char path[4096];
        snprintf(path, sizeof path, "../../../../../../../../../..%s", aim("secret"));
        file = symlink(path, OUTPUT);
    } else if (strcmp(kind, "link by the builder's process") == 0)
        file = symlink("/proc/self/environ", OUTPUT);
    else if (strcmp(kind, "link to itself") == 0)
        file = symlink("a.o", OUTPUT);
    else if (strcmp(kind, "link to zeros without end") == 0)
        file = symlink("/dev/zero", OUTPUT);
    else if (strcmp(kind, "link in place of its directory") == 0) {
        char place[4096];
        snprintf(place, sizeof place, "%s", aim("secret"));
        *strrchr(place, '/') = '\0';
        file = rmdir("/work/out") != 0 || symlink(place, "/work/out") != 0;
    } else if (strcmp(kind, "hard link to the toolchain") == 0)
        file = link("/usr/bin/gcc", OUTPUT);
    else if (strcmp(kind, "fifo") == 0)
        file = mkfifo(OUTPUT, 0666);
    else if (strcmp(kind, "device") == 0)
        file = mknod(OUTPUT, S_IFCHR | 0666, makedev(1, 5));
    else if (strcmp(kind, "whiteout") == 0)
        file = mknod(OUTPUT, S_IFCHR | 0666, makedev(0, 0));
    else if (strcmp(kind, "directory") == 0)
        file = mkdir(OUTPUT, 0777);
    else if (strcmp(kind, "socket") == 0) {
        struct sockaddr_un name = {.sun_family = AF_UNIX};
        memcpy(name.sun_path, OUTPUT, sizeof OUTPUT);
        file = bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, sizeof name);
    } else if (strcmp(kind, "hole") == 0) {
        file = open(OUTPUT, O_WRONLY | O_CREAT, 0644);
        file = ftruncate(file, 24 << 20);
    } else if (strcmp(kind, "hole beyond all limits") == 0) {
        signal(SIGXFSZ, SIG_IGN);
        file = open(OUTPUT, O_WRONLY | O_CREAT, 0644);
        file = ftruncate(file, 1L << 50);
    } else {
        /* "exchanged for ever": one that leaves nobody behind could still be at it when the output is fetched. */
        for (int i = 0; i < 4; i++)
            if (fork() == 0) {
                setsid();
                for (;;) {
                    unlink(OUTPUT);
                    close(open(OUTPUT, O_WRONLY | O_CREAT, 0644));
                    unlink(OUTPUT);
                    if (symlink(aim("secret"), OUTPUT) != 0)
                        sched_yield();
                }
            }
        usleep(20000);
        file = 0;
    }
    printf("%s: %s\n", kind, file == 0 ? "laid" : strerrorname_np(errno));
}

/* Harm to the toolchain: the next job must not see it. */
int spoil(void)
{
    const char *const files[] = {"/usr/bin/gcc", "/usr/bin/other", "/usr/lib/library", NULL};
    int done = 0;

    for (int i = 0; files[i] != NULL; i++) {
        int file = open(files[i], O_WRONLY | O_APPEND);
        done += file >= 0 && write(file, "evil", 4) == 4;
        done += chmod(files[i], 04777) == 0;
        done += truncate(files[i], 0) == 0;
        done += unlink(files[i]) == 0;
        done += symlink("/work/evil", files[i]) == 0;
    }
    done += rename("/usr/lib", "/usr/evil") == 0;
    done += mkdir("/usr/trace", 0777) == 0;
    done += symlink("/work", "/trace") == 0;
    close(open("/work/trace", O_WRONLY | O_CREAT, 0644));
    printf("spoiled %d times\n", done);
    return 0;
}

int look_for_traces(void)
{
    struct stat library;
    int there = stat("/usr/lib/library", &library) == 0 && library.st_size == 8 && (library.st_mode & 07777) == 0644;

    printf("traces: %s\n",
           access("/trace", F_OK) == 0 || access("/usr/trace", F_OK) == 0 || access("/work/trace", F_OK) == 0 || !there
               ? "yes"
               : "no");
    return 0;
}

/* Somebody to be attacked: has a socket, a port and shared memory, and says on which. */
int victim(const char *name)
{
    struct sockaddr_un here = {.sun_family = AF_UNIX};
    struct sockaddr_in port = {.sin_family = AF_INET};
    socklen_t size = sizeof port;
    int length = snprintf(here.sun_path + 1, sizeof here.sun_path - 1, "%s", name);
    int local = socket(AF_UNIX, SOCK_STREAM, 0), public = socket(AF_INET, SOCK_STREAM, 0);
    sigset_t end;
    key_t key = (key_t)(0x6a000000 | (getpid() & 0xffffff));
    int file = open("/work/victim", O_WRONLY | O_CREAT, 0644);

    if (file >= 0 && write(file, "secret of a job", 15) < 0)
        return 3;
    port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    port.sin_port = htons((unsigned short)atoi(aim("listen")));
    /* What a filter of system calls forbids in a job, nobody can attack there. */
    if (bind(local, (struct sockaddr *)&here, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) != 0
        || listen(local, 1) != 0)
        return 3;
    if (public >= 0
        && (bind(public, (struct sockaddr *)&port, sizeof port) != 0 || listen(public, 1) != 0
            || getsockname(public, (struct sockaddr *)&port, &size) != 0))
        return 3;
    if (shmget(key, 4096, IPC_CREAT | 0666) < 0 && errno != EPERM)
        return 3;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigprocmask(SIG_BLOCK, &end, NULL);
    printf("victim-port=%d memory=%ld\n", ntohs(port.sin_port), (long)key);
    fflush(stdout);
    sigwaitinfo(&end, NULL);
    return shmctl(shmget(key, 0, 0), IPC_RMID, NULL);
}

void overrun(const char *what)
{
    for (size_t i = 0; i < sizeof overruns / sizeof *overruns; i++)
        if (strcmp(what, overruns[i].name) == 0)
            overruns[i].make();
}
