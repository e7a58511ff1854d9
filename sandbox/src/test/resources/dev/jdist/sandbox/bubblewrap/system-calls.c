/*
 * Tries what the filter of system calls is there to refuse, each in a process of its own, and prints a line "NAME ERRNO",
 * with 0 for success. An exclamation mark after the name: without a filter, any kernel would say something else.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOWHERE ((void *)8)

#define TRY(name, ...)                                                                                                 \
    do {                                                                                                               \
        int status = 0;                                                                                                \
        pid_t child = fork();                                                                                          \
        if (child == 0)                                                                                                \
            _exit((__VA_ARGS__) < 0 ? errno : 0);                                                                      \
        waitpid(child, &status, 0);                                                                                    \
        if (WIFEXITED(status))                                                                                         \
            printf("%s %d\n", name, WEXITSTATUS(status));                                                              \
        else                                                                                                           \
            printf("%s signal\n", name);                                                                               \
        fflush(stdout);                                                                                                \
    } while (0)

static void processes(void)
{
    TRY("ptrace!", syscall(SYS_ptrace, 0, 0, 0, 0));
    TRY("process_vm_readv!", syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0));
    TRY("process_vm_writev!", syscall(SYS_process_vm_writev, getpid(), NULL, 0, NULL, 0, 0));
    TRY("kcmp", syscall(SYS_kcmp, getpid(), getpid(), 1, 0, 0));
    TRY("pidfd_getfd", syscall(438, -1, 0, 0));
    TRY("process_madvise", syscall(440, -1, NULL, 0, 0, 0));
}

static void roots(void)
{
    TRY("mount!", syscall(SYS_mount, NULL, "/nowhere", NULL, 0, NULL));
    TRY("umount2!", syscall(SYS_umount2, "/nowhere", 0));
    TRY("pivot_root", syscall(SYS_pivot_root, "/", "/"));
    TRY("chroot!", syscall(SYS_chroot, "/nowhere"));
    TRY("open_tree", syscall(428, -100, "/nowhere", 0));
    TRY("move_mount", syscall(429, -1, "", -1, "", 0));
    TRY("fsopen", syscall(430, "tmpfs", 0));
    TRY("mount_setattr", syscall(442, -1, "", -1, NULL, 0));
}

static void namespaces(void)
{
    TRY("unshare user", unshare(CLONE_NEWUSER));
    TRY("unshare mount", unshare(CLONE_NEWNS));
    TRY("setns!", setns(-1, 0));
    TRY("clone user", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    TRY("clone pid", syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
    TRY("clone net", syscall(SYS_clone, CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0));
    TRY("clone3", syscall(435, NULL, 0));
}

static void kernel(void)
{
    TRY("bpf", syscall(SYS_bpf, 0, NULL, 0));
    TRY("perf_event_open", syscall(SYS_perf_event_open, NOWHERE, 0, -1, -1, 0));
    TRY("userfaultfd", syscall(SYS_userfaultfd, -1));
    TRY("add_key", syscall(SYS_add_key, NULL, NULL, NULL, 0, 0));
    TRY("request_key", syscall(SYS_request_key, NULL, NULL, NULL, 0));
    TRY("keyctl", syscall(SYS_keyctl, -1, 0, 0, 0, 0));
    TRY("fanotify_init", syscall(SYS_fanotify_init, 0x200, 0));
    TRY("init_module", syscall(SYS_init_module, NULL, 0, ""));
    TRY("finit_module", syscall(SYS_finit_module, -1, "", 0));
    TRY("delete_module", syscall(SYS_delete_module, "", 0));
    TRY("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
    TRY("io_uring_setup", syscall(425, 0, NULL));
    TRY("io_uring_enter", syscall(426, -1, 0, 0, 0, NULL, 0));
    TRY("io_uring_register", syscall(427, -1, 0, NULL, 0));
    TRY("io_setup", syscall(SYS_io_setup, 0, NULL));
}

static void memory(void)
{
    TRY("shmget", syscall(SYS_shmget, 0, 4096, 0600));
    TRY("semget", syscall(SYS_semget, 0, 1, 0600));
    TRY("msgget", syscall(SYS_msgget, 0, 0600));
    TRY("mq_open", syscall(SYS_mq_open, NULL, 0, 0, NULL));
    TRY("memfd_secret", syscall(447, -1));
}

static void sockets(void)
{
    TRY("socket inet!", socket(AF_INET, SOCK_STREAM, 0));
    TRY("socket inet raw", socket(AF_INET, SOCK_RAW, 1));
    TRY("socket inet6", socket(AF_INET6, SOCK_DGRAM, 0));
    TRY("socket netlink!", socket(AF_NETLINK, SOCK_RAW, 0));
    TRY("socket packet", socket(AF_PACKET, SOCK_RAW, 0));
    TRY("socket vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
    TRY("socket alg", socket(AF_ALG, SOCK_SEQPACKET, 0));
    TRY("socketpair inet!", syscall(SYS_socketpair, AF_INET, SOCK_STREAM, 0, NOWHERE));
}

static void machine(void)
{
    TRY("reboot", syscall(SYS_reboot, 0, 0, 0, NULL));
    TRY("swapon", syscall(SYS_swapon, "/nowhere", 0));
    TRY("swapoff", syscall(SYS_swapoff, "/nowhere"));
    TRY("acct", syscall(SYS_acct, "/nowhere"));
    TRY("quotactl", syscall(SYS_quotactl, -1, NULL, 0, NULL));
    TRY("settimeofday", syscall(SYS_settimeofday, NULL, NULL));
    TRY("clock_settime!", syscall(SYS_clock_settime, 0, NOWHERE));
    TRY("clock_adjtime!", syscall(SYS_clock_adjtime, 0, NOWHERE));
    TRY("adjtimex!", syscall(SYS_adjtimex, NOWHERE));
    TRY("sethostname", syscall(SYS_sethostname, "x", 1));
    TRY("syslog", syscall(SYS_syslog, 3, NULL, 0));
    TRY("vhangup", syscall(SYS_vhangup));
    TRY("name_to_handle_at!", syscall(SYS_name_to_handle_at, -100, "/nowhere", NOWHERE, NOWHERE, 0));
    TRY("open_by_handle_at", syscall(SYS_open_by_handle_at, -1, NOWHERE, 0));
    TRY("ioctl TIOCSTI!", ioctl(-1, 0x5412, "x"));
    TRY("ioctl TIOCLINUX!", ioctl(-1, 0x541c, "x"));
    TRY("ioctl TIOCSETD!", ioctl(-1, 0x5423, "x"));
    TRY("personality READ_IMPLIES_EXEC!", personality(READ_IMPLIES_EXEC));
    TRY("personality MMAP_PAGE_ZERO!", personality(MMAP_PAGE_ZERO));
}

#ifdef __x86_64__
/* As a 32-bit program calls the kernel, which any program may. */
static long call32(long number, long first, long second, long third)
{
    long answer;

    __asm__ volatile("int $0x80" : "=a"(answer) : "a"(number), "b"(first), "c"(second), "d"(third) : "memory", "r8", "r9", "r10", "r11");
    if ((int)answer < 0 && (int)answer > -4096)
        return errno = -(int)answer, -1;
    return answer;
}

static void otherwise(void)
{
    TRY("int80 ptrace", call32(26, 0, 0, 0));
    TRY("int80 mount", call32(21, 0, 0, 0));
    TRY("int80 unshare", call32(310, CLONE_NEWUSER, 0, 0));
    TRY("int80 clone user", call32(120, CLONE_NEWUSER | SIGCHLD, 0, 0));
    TRY("int80 socket inet", call32(359, AF_INET, SOCK_STREAM, 0));
    TRY("int80 socketcall", call32(102, 1, 0, 0));
    TRY("int80 ipc", call32(117, 23, 0, 4096));
    TRY("int80 keyctl", call32(288, -1, 0, 0));
    TRY("x32 socket", syscall(0x40000000 + SYS_socket, AF_INET, SOCK_STREAM, 0));
    TRY("x32 ptrace", syscall(0x40000000 + 521, 0, 0, 0, 0));
    TRY("modify_ldt!", syscall(SYS_modify_ldt, 0, NULL, 0));
    TRY("iopl!", syscall(SYS_iopl, 9));
    TRY("ioperm", syscall(SYS_ioperm, 0, 1, 1));
    TRY("uselib", syscall(SYS_uselib, "/nowhere"));
    TRY("sysfs", syscall(SYS_sysfs, 3, 0, 0));
    TRY("ustat", syscall(SYS_ustat, 0, NULL));
}
#else
static void otherwise(void)
{
}
#endif

static void *nothing(void *result)
{
    return result;
}

static int thread(void)
{
    pthread_t made;

    errno = pthread_create(&made, NULL, nothing, NULL);
    return errno == 0 ? pthread_join(made, NULL) : -1;
}

static int spawn(char *program)
{
    char *words[] = {program, "nothing", NULL}, *none[] = {NULL};
    pid_t made;
    int status = 1;

    errno = posix_spawn(&made, program, NULL, NULL, words, none);
    return errno == 0 && waitpid(made, &status, 0) == made && status == 0 ? 0 : -1;
}

/* What compilers do, or may do. */
static void harmless(char *program)
{
    int ends[2];

    TRY("fork", 0);
    TRY("thread", thread());
    TRY("spawn", spawn(program));
    TRY("pipe", pipe(ends));
    TRY("unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
    TRY("unix socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    TRY("own personality", personality(0xffffffff));
    TRY("steady addresses", personality(ADDR_NO_RANDOMIZE));
    TRY("memfd_create", syscall(SYS_memfd_create, "x", 0));
}

int main(int count, char **words)
{
    if (count == 1) {
        processes();
        roots();
        namespaces();
        kernel();
        memory();
        sockets();
        machine();
        otherwise();
    } else if (words[1][0] == 'h') {
        harmless(words[0]);
    }
    return 0;
}
