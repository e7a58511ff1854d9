/*
 * What a hostile job tries, one attempt at a time. Compiled three ways: as a static program that stands in a toolchain in
 * the place of a compiler, as a plugin that the real gcc loads, and as a library for LD_PRELOAD.
 *
 *   intruder ATTEMPT MARK KEY=VALUE...      makes one attempt, or "all" of those that end by themselves
 *
 * MARK is a word by which the test finds this process, and all that come of it, among those of the machine. The values
 * say what there is to attack; see `aim`. Each attempt is made by a child, and what came of it is printed:
 *
 *   ATTEMPT: refused ENOENT          it failed with this error
 *   ATTEMPT: killed SIGSYS           the kernel ended it
 *   ATTEMPT: SUCCEEDED what it got
 */
#include "intruder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

/* What an attempt gives back: -1 with errno if it was refused, else 0, and perhaps a word about what it got. */
static char loot[512];

static char **aims;

const char *aim(const char *key)
{
    size_t length = strlen(key);

    for (char **word = aims; word != NULL && *word != NULL; word++)
        if (strncmp(*word, key, length) == 0 && (*word)[length] == '=')
            return *word + length + 1;
    return "";
}

static pid_t builder(void)
{
    return (pid_t)atol(aim("builder"));
}

static int refused(int error)
{
    errno = error;
    return -1;
}

static int read_file(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t count;

    if (file < 0)
        return -1;
    count = read(file, loot, sizeof loot - 1);
    close(file);
    if (count < 0)
        return -1;
    loot[count] = '\0';
    return 0;
}

static int read_below(const char *prefix, const char *path)
{
    char whole[4096];

    snprintf(whole, sizeof whole, "%s%s", prefix, path);
    return read_file(whole);
}

static int write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t count;

    if (file < 0)
        return -1;
    count = write(file, text, strlen(text));
    close(file);
    return count < 0 ? -1 : 0;
}

/* The files of the machine. */

static int secret(void) { return read_file(aim("secret")); }
static int secret_by_init(void) { return read_below("/proc/1/root", aim("secret")); }
static int secret_by_own_root(void) { return read_below("/proc/self/root/../../..", aim("secret")); }
static int secret_by_dots(void) { return read_below("/../../../../../..", aim("secret")); }
static int secret_by_cwd_of_init(void) { return read_below("/proc/1/cwd/../../../../../..", aim("secret")); }
static int secret_by_thread(void) { return read_below("/proc/thread-self/root", aim("secret")); }

static int secret_by_link(void)
{
    unlink("/work/link");
    if (symlink(aim("secret"), "/work/link") != 0)
        return -1;
    return read_file("/work/link");
}

static int secret_by_hard_link(void)
{
    return link(aim("secret"), "/work/hard");
}

static int secret_by_old_root(void)
{
    return read_below("/oldroot", aim("secret")) == 0 || read_below("/newroot", aim("secret")) == 0 ? 0 : -1;
}

static int builder_config(void) { return read_file(aim("config")); }
static int builder_key(void) { return read_file(aim("key")); }
static int builder_store(void) { return read_file(aim("store")); }
static int builder_jobs(void) { return read_file(aim("jobs")); }
static int passwords(void) { return read_file("/etc/shadow"); }
static int machine_sys(void) { return read_file("/sys/kernel/uevent_seqnum"); }
static int machine_cgroups(void) { return access("/sys/fs/cgroup", F_OK); }
static int kernel_memory(void) { return read_file("/proc/kcore"); }
static int kernel_messages(void) { return read_file("/proc/kmsg"); }
static int memory_device(void) { return read_file("/dev/mem"); }

static int disk(void)
{
    return read_file("/dev/vda") == 0 || read_file("/dev/sda") == 0 || read_file("/dev/nvme0n1") == 0 ? 0 : -1;
}

static int leave_root(void)
{
    if (mkdir("/work/jail", 0755) != 0 && errno != EEXIST)
        return -1;
    if (chroot("/work/jail") != 0)
        return -1;
    return chdir("../../../../..") == 0 && chroot(".") == 0 ? read_file(aim("secret")) : -1;
}

static int file_by_handle(void)
{
    struct {
        struct file_handle head;
        unsigned char octets[128];
    } handle;
    int mount_id, at;

    handle.head.handle_bytes = sizeof handle.octets;
    if (name_to_handle_at(AT_FDCWD, "/", &handle.head, &mount_id, 0) != 0) {
        /* Not every file system tells its handles; the root of ext4 is inode 2. */
        handle.head.handle_bytes = 8;
        handle.head.handle_type = 1;
        memset(handle.octets, 0, sizeof handle.octets);
        handle.octets[0] = 2;
    }
    at = open("/", O_RDONLY | O_DIRECTORY);
    return at < 0 || open_by_handle_at(at, &handle.head, O_RDONLY) < 0 ? -1 : 0;
}

/* Whatever the builder has open would be a way to its files: there must be nothing but the three that it means to give. */
static int inherited_files(void)
{
    char path[64], target[256];

    for (int file = 3; file < 4096; file++) {
        ssize_t length;
        if (fcntl(file, F_GETFD) == -1)
            continue;
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        length = readlink(path, target, sizeof target - 1);
        target[length < 0 ? 0 : length] = '\0';
        /* What the attempts have opened themselves: the plugin's report, the compiler's own files. */
        if (strncmp(target, "/work/", 6) == 0 || strncmp(target, "/tmp/", 5) == 0 || strncmp(target, "pipe:", 5) == 0)
            continue;
        snprintf(loot, sizeof loot, "%d is %s", file, target);
        return 0;
    }
    return refused(EBADF);
}

/* The process's own standard output is a file of the builder's; its directory must not be reached by it. */
static int directory_of_output(void)
{
    int directory = openat(1, "..", O_RDONLY | O_DIRECTORY);

    return directory < 0 ? -1 : 0;
}

/* To a file of its own user, a process needs no capability: a job of root must not reach one of the machine's. */

static int mode_of_first_program(void) { return chmod("/proc/1/exe", 0755); }
static int content_of_first_program(void) { return open("/proc/1/exe", O_WRONLY) < 0 ? -1 : 0; }
static int mode_of_device(void) { return chmod("/dev/null", 0666); }
/* To the past: to touch it is what anybody on the machine may. */
static int times_of_device(void)
{
    static const struct timespec past[2] = {{1, 0}, {1, 0}};

    return utimensat(AT_FDCWD, "/dev/zero", past, 0);
}

static int mode_of_input(void)
{
    struct stat input;

    if (fstat(0, &input) == 0 && !S_ISCHR(input.st_mode))
        return refused(ENODEV);
    return fchmod(0, 0666);
}

static int files_of_bubblewrap(void)
{
    char path[64];

    for (int file = 0; file < 256; file++) {
        snprintf(path, sizeof path, "/proc/1/fd/%d/../../../../../../../../..", file);
        if (read_below(path, aim("secret")) == 0)
            return 0;
    }
    return refused(ENOENT);
}

/* The kernel. */

static int core_pattern(void) { return write_file("/proc/sys/kernel/core_pattern", "|/work/x"); }
static int sysrq(void) { return write_file("/proc/sysrq-trigger", "h"); }
static int spare_from_oom(void) { return write_file("/proc/self/oom_score_adj", "-1000"); }
static int map_users(void) { return write_file("/proc/self/uid_map", "0 0 4294967295"); }
static int host_name(void) { return sethostname("other", 5); }
static int swap_file(void) { return swapon("/work/swap", 0); }
static int accounting(void) { return acct("/work/accounting"); }
static int kernel_module(void) { return (int)syscall(SYS_init_module, "x", 1UL, ""); }
static int other_kernel(void) { return (int)syscall(SYS_kexec_load, 0UL, 0UL, NULL, 0UL); }

/* Of all that this call can do, the least. */
static int keyboard(void)
{
    return (int)syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, NULL);
}

static int clock_of_machine(void)
{
    struct timeval now;

    gettimeofday(&now, NULL);
    return settimeofday(&now, NULL);
}

static int terminal_input(void)
{
    char key = '\n';

    return ioctl(0, TIOCSTI, &key);
}

static int terminal(void)
{
    return open("/dev/tty", O_RDWR) < 0 ? -1 : 0;
}

/* Rights. */

static int all_capabilities(void)
{
    struct { unsigned version; int pid; } head = {0x20080522, 0};
    struct { unsigned effective, permitted, inheritable; } data[2] = {{~0U, ~0U, ~0U}, {~0U, ~0U, ~0U}};

    return (int)syscall(SYS_capset, &head, data);
}

static int new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0); }
static int other_user(void) { return setresuid(12345, 12345, 12345); }
static int file_of_others(void) { return chown("/work", 12345, 12345); }

static int other_groups(void)
{
    gid_t group = 0;

    return (int)syscall(SYS_setgroups, 1, &group);
}

static int real_time(void)
{
    struct sched_param first = {.sched_priority = 50};

    return sched_setscheduler(0, SCHED_FIFO, &first);
}

static int not_nice(void) { return setpriority(PRIO_PROCESS, 0, -20); }

static int larger_files(void)
{
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

    return setrlimit(RLIMIT_FSIZE, &unlimited);
}

static int core_dump(void)
{
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

    return setrlimit(RLIMIT_CORE, &unlimited);
}

static int file_capabilities(void)
{
    /* cap_setuid+ep, in the second version of the kernel's format */
    unsigned capability[5] = {0x02000001, 0x80, 0, 0, 0};
    int file = open("/work/capable", O_WRONLY | O_CREAT, 0755);

    return file < 0 || fsetxattr(file, "security.capability", capability, sizeof capability, 0) != 0 ? -1 : 0;
}

static int overlay_attribute(void)
{
    return setxattr("/work", "trusted.overlay.redirect", "/etc", 4, 0);
}

/* Mounts and namespaces. */

static int mount_memory(void) { return mount("none", "/work", "tmpfs", 0, ""); }
static int mount_again(void) { return mount("/", "/work", NULL, MS_BIND, NULL); }
static int mount_proc_anew(void) { return mount("proc", "/work", "proc", 0, NULL); }
static int mount_toolchain_writable(void) { return mount(NULL, "/usr/bin", NULL, MS_REMOUNT | MS_BIND, NULL); }
static int unmount_proc(void) { return umount2("/proc", MNT_DETACH); }
static int other_root(void) { return (int)syscall(SYS_pivot_root, "/work", "/work"); }
static int new_mount_namespace(void) { return unshare(CLONE_NEWNS); }
static int new_network(void) { return unshare(CLONE_NEWNET); }
static int mount_by_file(void) { return (int)syscall(SYS_fsopen, "tmpfs", 0) < 0 ? -1 : 0; }

static int namespace_of_init(void)
{
    int file = open("/proc/1/ns/mnt", O_RDONLY);

    return file < 0 ? -1 : setns(file, CLONE_NEWNS);
}

/* In a user namespace within this one the job may be root, but must not get at what was hidden from it. */
static int in_nested_namespace(int (*attempt)(void))
{
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) != 0)
        return -1;
    return attempt();
}

static int proc_writable(void) { return mount(NULL, "/proc", NULL, MS_REMOUNT | MS_BIND, NULL); }
static int nested_remount_proc(void) { return in_nested_namespace(proc_writable); }
static int nested_unmount_proc(void) { return in_nested_namespace(unmount_proc); }
static int mount_sys(void) { return mount("sysfs", "/work", "sysfs", 0, NULL); }
static int nested_mount_sys(void) { return in_nested_namespace(mount_sys); }
static int block_device(void) { return mknod("/work/disk", S_IFBLK | 0666, makedev(254, 0)); }
static int memory_of_kernel(void) { return mknod("/work/mem", S_IFCHR | 0666, makedev(1, 1)); }
static int nested_device(void) { return in_nested_namespace(block_device); }

/* Processes. */

static int trace_builder(void) { return (int)ptrace(PTRACE_ATTACH, builder(), NULL, NULL); }
static int seize_builder(void) { return (int)ptrace(PTRACE_SEIZE, builder(), NULL, NULL); }
static int signal_builder(void) { return kill(builder(), SIGKILL); }
static int signal_group_of_builder(void) { return kill(-builder(), SIGKILL); }
static int builder_by_descriptor(void) { return (int)syscall(SYS_pidfd_open, builder(), 0) < 0 ? -1 : 0; }
static int slow_builder(void) { return setpriority(PRIO_PROCESS, (id_t)builder(), 19); }

static int limit_builder(void)
{
    struct rlimit none = {0, 0};

    return prlimit(builder(), RLIMIT_CPU, &none, NULL);
}

static int file_of_builder(const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", builder(), name);
    return read_file(path);
}

static int environment_of_builder(void) { return file_of_builder("environ"); }
static int memory_of_builder_file(void) { return file_of_builder("mem"); }

static int memory_of_builder(void)
{
    struct iovec here = {loot, 1}, there = {(void *)0x400000, 1};

    return process_vm_readv(builder(), &here, 1, &there, 1, 0) < 0 ? -1 : 0;
}

/* Of all processes that the kernel shows, none may be the victim, which has its name on its command line. */
static int other_processes(void)
{
    char path[64], name[256];

    snprintf(name, sizeof name, "name=%s", aim("victim"));

    for (int pid = 1; pid < 32768; pid++) {
        snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
        if (access(path, F_OK) == 0 && read_file(path) == 0) {
            for (char *octet = loot; octet < loot + sizeof loot - 1; octet++)
                *octet = *octet == '\0' ? ' ' : *octet;
            if (strstr(loot, name) != NULL)
                return 0;
        }
    }
    return refused(ESRCH);
}

/* The network. */

static int connect_to(const char *address, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int peer = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (peer < 0)
        return -1;
    inet_pton(AF_INET, address, &to.sin_addr);
    /* One that is under way has found a network. */
    return connect(peer, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS ? 0 : -1;
}

static int connect_and_wait(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int peer = socket(AF_INET, SOCK_STREAM, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return peer < 0 ? -1 : connect(peer, (struct sockaddr *)&to, sizeof to);
}

static int scheduler_on_loopback(void) { return connect_and_wait(atoi(aim("scheduler"))); }
static int builder_on_loopback(void) { return connect_and_wait(atoi(aim("port"))); }
/* An address that is kept for documentation: if there were a network, nobody would be troubled. */
static int somebody_outside(void) { return connect_to("192.0.2.1", 443); }
static int raw_socket(void) { return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0 ? -1 : 0; }
static int packet_socket(void) { return socket(AF_PACKET, SOCK_RAW, htons(3)) < 0 ? -1 : 0; }

static int datagram(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(53)};
    int peer = socket(AF_INET, SOCK_DGRAM, 0);

    inet_pton(AF_INET, "192.0.2.1", &to.sin_addr);
    return peer < 0 || sendto(peer, "x", 1, 0, (struct sockaddr *)&to, sizeof to) < 0 ? -1 : 0;
}

static int abstract_socket(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int peer = socket(AF_UNIX, SOCK_STREAM, 0);
    int length = snprintf(to.sun_path + 1, sizeof to.sun_path - 1, "%s", aim("victim"));

    return peer < 0 ? -1
                    : connect(peer, (struct sockaddr *)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length));
}

static int new_interface(void)
{
    struct ifreq request;
    int any = socket(AF_INET, SOCK_DGRAM, 0);

    memset(&request, 0, sizeof request);
    request.ifr_name[0] = 'l';
    request.ifr_name[1] = 'o';
    return any < 0 ? -1 : ioctl(any, SIOCSIFFLAGS, &request);
}

static int tunnel(void)
{
    return open("/dev/net/tun", O_RDWR) < 0 ? -1 : 0;
}

/* Another job, or another program of the machine: both are played by `victim`. */

static int memory_of_others(void) { return shmget((key_t)atol(aim("memory")), 1, 0) < 0 ? -1 : 0; }
static int port_of_others(void) { return connect_and_wait(atoi(aim("victim-port"))); }
static int file_of_other_job(void) { return read_file("/work/victim"); }
static int signal_other_job(void) { return kill((pid_t)atol(aim("victim-process")), SIGKILL); }

static const struct attempt {
    const char *name;
    int (*make)(void);
} attempts[] = {
    {"read a file of the machine", secret},
    {"read it by the root of process 1", secret_by_init},
    {"read it by its own root and dots", secret_by_own_root},
    {"read it by dots", secret_by_dots},
    {"read it by the directory of process 1", secret_by_cwd_of_init},
    {"read it by the root of a thread", secret_by_thread},
    {"read it by a symbolic link", secret_by_link},
    {"read it by a hard link", secret_by_hard_link},
    {"read it by what bubblewrap left", secret_by_old_root},
    {"read the builder's configuration", builder_config},
    {"read the builder's certificate key", builder_key},
    {"read the builder's toolchain archives", builder_store},
    {"read the builder's directory of jobs", builder_jobs},
    {"read the machine's passwords", passwords},
    {"read the machine's /sys", machine_sys},
    {"read the machine's cgroups", machine_cgroups},
    {"read the kernel's memory", kernel_memory},
    {"read the kernel's messages", kernel_messages},
    {"read the machine's memory", memory_device},
    {"read a disk", disk},
    {"leave the root by another root", leave_root},
    {"open a file by its handle", file_by_handle},
    {"use a file that the builder left open", inherited_files},
    {"reach the directory of its output", directory_of_output},
    {"change the mode of the program of process 1", mode_of_first_program},
    {"write to the program of process 1", content_of_first_program},
    {"change the mode of the machine's /dev/null", mode_of_device},
    {"change the times of the machine's /dev/zero", times_of_device},
    {"change the mode of its standard input", mode_of_input},
    {"use a file that bubblewrap left open", files_of_bubblewrap},
    {"say what runs at a crash", core_pattern},
    {"ask for a magic key", sysrq},
    {"have others killed when memory is short", spare_from_oom},
    {"map all users", map_users},
    {"rename the machine", host_name},
    {"add swap", swap_file},
    {"account for processes", accounting},
    {"load a module", kernel_module},
    {"load another kernel", other_kernel},
    {"take the keyboard", keyboard},
    {"set the clock", clock_of_machine},
    {"type into the terminal", terminal_input},
    {"open the terminal", terminal},
    {"take all capabilities", all_capabilities},
    {"allow itself new privileges", new_privileges},
    {"become another user", other_user},
    {"join another group", other_groups},
    {"give a file away", file_of_others},
    {"run before all others", real_time},
    {"be less nice", not_nice},
    {"write larger files", larger_files},
    {"dump its core", core_dump},
    {"give a file capabilities", file_capabilities},
    {"redirect the overlay", overlay_attribute},
    {"mount memory", mount_memory},
    {"mount the root again", mount_again},
    {"mount another /proc", mount_proc_anew},
    {"make the toolchain writable", mount_toolchain_writable},
    {"unmount /proc", unmount_proc},
    {"change the root", other_root},
    {"make a mount namespace", new_mount_namespace},
    {"make a network", new_network},
    {"mount by file descriptors", mount_by_file},
    {"enter the namespace of process 1", namespace_of_init},
    {"make /proc writable from a namespace", nested_remount_proc},
    {"unmount /proc from a namespace", nested_unmount_proc},
    {"mount /sys from a namespace", nested_mount_sys},
    {"make a device from a namespace", nested_device},
    {"make a disk", block_device},
    {"make the memory device", memory_of_kernel},
    {"trace the builder", trace_builder},
    {"seize the builder", seize_builder},
    {"kill the builder", signal_builder},
    {"kill the builder's group", signal_group_of_builder},
    {"hold the builder by a descriptor", builder_by_descriptor},
    {"slow the builder down", slow_builder},
    {"limit the builder", limit_builder},
    {"read the builder's environment", environment_of_builder},
    {"read the builder's memory by /proc", memory_of_builder_file},
    {"read the builder's memory", memory_of_builder},
    {"see other processes", other_processes},
    {"connect to the scheduler", scheduler_on_loopback},
    {"connect to the builder", builder_on_loopback},
    {"connect out", somebody_outside},
    {"send a datagram", datagram},
    {"open a raw socket", raw_socket},
    {"open a packet socket", packet_socket},
    {"change a network interface", new_interface},
    {"open a tunnel", tunnel},
    {"connect to an abstract socket", abstract_socket},
    {"attach others' shared memory", memory_of_others},
    {"connect to a port of others", port_of_others},
    {"read a file of another job", file_of_other_job},
    {"kill another job", signal_other_job},
};

static void report(int out, const char *name, const char *what, const char *how)
{
    char line[1024];
    int length = snprintf(line, sizeof line, "%s: %s %s\n", name, what, how);

    if (write(out, line, (size_t)length) != length)
        _exit(3);
}

/* By a child: it may be killed, and what it changes of itself must not be there for the next. */
static void make(const struct attempt *attempt, int out)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        loot[0] = '\0';
        if (attempt->make() == 0)
            report(out, attempt->name, "SUCCEEDED", loot);
        else
            report(out, attempt->name, "refused", strerrorname_np(errno));
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        report(out, attempt->name, "not made:", strerror(errno));
    else if (WIFSIGNALED(status)) {
        char signal_name[16];
        snprintf(signal_name, sizeof signal_name, "SIG%s", sigabbrev_np(WTERMSIG(status)));
        report(out, attempt->name, "killed", signal_name);
    } else if (WEXITSTATUS(status) != 0)
        report(out, attempt->name, "not reported:", strerror(errno));
}

static int make_all(int out)
{
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        make(&attempts[i], out);
    return 0;
}

#ifdef PLUGIN
/* Whatever loads this library has it try everything, and write down what came of it. */
static void report_all(void)
{
    static char text[16384];
    static char *words[64];
    int count = 0, in = open("/work/aims", O_RDONLY), out;
    ssize_t length = in < 0 ? 0 : read(in, text, sizeof text - 1);

    for (char *word = strtok(length < 0 ? NULL : text, "\n"); word != NULL && count < 63; word = strtok(NULL, "\n"))
        words[count++] = word;
    close(in);
    aims = words;
    out = open("/work/out/a.o.report", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    make_all(out);
    close(out);
}

int plugin_is_GPL_compatible;

int plugin_init(void *about, void *version)
{
    (void)about, (void)version;
    report_all();
    return 0;
}

__attribute__((constructor)) static void preloaded(void)
{
    if (getenv("LD_PRELOAD") != NULL) {
        unsetenv("LD_PRELOAD");
        report_all();
    }
}
#else
static int act(const char *what)
{
    if (strcmp(what, "all") == 0)
        return make_all(1);
    if (strcmp(what, "nothing") == 0)
        return printf("served\n") < 0;
    if (strcmp(what, "spoil the toolchain") == 0)
        return spoil();
    if (strcmp(what, "look for traces") == 0)
        return look_for_traces();
    if (strcmp(what, "kill everything") == 0) {
        kill(-1, SIGKILL);
        kill(1, SIGKILL);
        return printf("lives\n") < 0;
    }
    if (strcmp(what, "be a victim") == 0)
        return victim(aim("name"));
    if (strncmp(what, "output: ", 8) == 0) {
        trap(what + 8);
        return 0;
    }
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        if (strcmp(what, attempts[i].name) == 0) {
            make(&attempts[i], 1);
            return 0;
        }
    overrun(what);
    fprintf(stderr, "no such attempt: %s\n", what);
    return 2;
}

int main(int count, char **words)
{
    if (count < 3)
        return 2;
    aims = words + 3;
    return act(words[1]);
}
#endif
