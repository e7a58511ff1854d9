/*
 * What a compiler never needs of the kernel, and what it is told when it asks nevertheless:
 *
 *   CALL(name, errno, number on x86_64, on i386, on aarch64, on 32-bit arm)
 *
 * ENOSYS stands where a program that hears it does the same in another way, or where the kernel itself says so by now.
 * Calls that depend on their arguments are in filter.c. CallFilterTest reads this file too.
 */

/* The memory and the files of another process of the job. It would be the job's own, but each was a hole already. */
CALL(ptrace, EPERM, 101, 26, 117, 26)
CALL(process_vm_readv, EPERM, 310, 347, 270, 376)
CALL(process_vm_writev, EPERM, 311, 348, 271, 377)
CALL(kcmp, EPERM, 312, 349, 272, 378)
CALL(pidfd_getfd, EPERM, 438, 438, 438, 438)
CALL(process_madvise, EPERM, 440, 440, 440, 440)
CALL(process_mrelease, EPERM, 448, 448, 448, 448)
CALL(migrate_pages, EPERM, 256, 294, 238, 400)
CALL(move_pages, EPERM, 279, 317, 239, 344)

/* Another root. */
CALL(mount, EPERM, 165, 21, 40, 21)
CALL(umount, EPERM, NONE, 22, NONE, NONE)
CALL(umount2, EPERM, 166, 52, 39, 52)
CALL(pivot_root, EPERM, 155, 217, 41, 218)
CALL(chroot, EPERM, 161, 61, 51, 61)
CALL(open_tree, EPERM, 428, 428, 428, 428)
CALL(open_tree_attr, EPERM, 467, 467, 467, 467)
CALL(move_mount, EPERM, 429, 429, 429, 429)
CALL(fsopen, EPERM, 430, 430, 430, 430)
CALL(fsconfig, EPERM, 431, 431, 431, 431)
CALL(fsmount, EPERM, 432, 432, 432, 432)
CALL(fspick, EPERM, 433, 433, 433, 433)
CALL(mount_setattr, EPERM, 442, 442, 442, 442)

/* Other namespaces: in a user namespace of its own, a job would have capabilities, and much more of the kernel to try. */
CALL(unshare, EPERM, 272, 310, 97, 337)
CALL(setns, EPERM, 308, 346, 268, 375)
CALL(clone3, ENOSYS, 435, 435, 435, 435) /* its flags are out of a filter's reach; C libraries go back to clone */

/* Parts of the kernel that take programs or modules, keep secrets, or were the way into it too often. */
CALL(bpf, EPERM, 321, 357, 280, 386)
CALL(perf_event_open, EPERM, 298, 336, 241, 364)
CALL(userfaultfd, EPERM, 323, 374, 282, 388)
CALL(add_key, EPERM, 248, 286, 217, 309)
CALL(request_key, EPERM, 249, 287, 218, 310)
CALL(keyctl, EPERM, 250, 288, 219, 311)
CALL(fanotify_init, EPERM, 300, 338, 262, 367)
CALL(fanotify_mark, EPERM, 301, 339, 263, 368)
CALL(init_module, EPERM, 175, 128, 105, 128)
CALL(finit_module, EPERM, 313, 350, 273, 379)
CALL(delete_module, EPERM, 176, 129, 106, 129)
CALL(kexec_load, EPERM, 246, 283, 104, 347)
CALL(kexec_file_load, EPERM, 320, NONE, 294, 401)
CALL(io_uring_setup, ENOSYS, 425, 425, 425, 425)
CALL(io_uring_enter, ENOSYS, 426, 426, 426, 426)
CALL(io_uring_register, ENOSYS, 427, 427, 427, 427)
CALL(io_setup, ENOSYS, 206, 245, 0, 243)

/* Memory that no process has to have mapped, so that nobody sees whose it is where there are no cgroups. */
CALL(shmget, EPERM, 29, 395, 194, 307)
CALL(semget, EPERM, 64, 393, 190, 299)
CALL(msgget, EPERM, 68, 399, 186, 303)
CALL(ipc, EPERM, NONE, 117, NONE, NONE)
CALL(mq_open, EPERM, 240, 277, 180, 274)
CALL(memfd_secret, EPERM, 447, 447, 447, 447)

/* Files by number, past every directory that hides them. */
CALL(name_to_handle_at, EPERM, 303, 341, 264, 370)
CALL(open_by_handle_at, EPERM, 304, 342, 265, 371)

/* Sockets of any kind: what is asked for is out of a filter's reach. C libraries of this century call socket. */
CALL(socketcall, EPERM, NONE, 102, NONE, NONE)

/* The machine as a whole. */
CALL(reboot, EPERM, 169, 88, 142, 88)
CALL(swapon, EPERM, 167, 87, 224, 87)
CALL(swapoff, EPERM, 168, 115, 225, 115)
CALL(acct, EPERM, 163, 51, 89, 51)
CALL(quotactl, EPERM, 179, 131, 60, 131)
CALL(quotactl_fd, EPERM, 443, 443, 443, 443)
CALL(settimeofday, EPERM, 164, 79, 170, 79)
CALL(stime, EPERM, NONE, 25, NONE, NONE)
CALL(clock_settime, EPERM, 227, 264, 112, 262)
CALL(clock_settime64, EPERM, NONE, 404, NONE, 404)
CALL(adjtimex, EPERM, 159, 124, 171, 124)
CALL(clock_adjtime, EPERM, 305, 343, 266, 372)
CALL(clock_adjtime64, EPERM, NONE, 405, NONE, 405)
CALL(sethostname, EPERM, 170, 74, 161, 74)
CALL(setdomainname, EPERM, 171, 121, 162, 121)
CALL(syslog, EPERM, 103, 103, 116, 103)
CALL(vhangup, EPERM, 153, 111, 58, 111)
CALL(iopl, EPERM, 172, 110, NONE, NONE)
CALL(ioperm, EPERM, 173, 101, NONE, NONE)
CALL(vm86, EPERM, NONE, 166, NONE, NONE)
CALL(vm86old, EPERM, NONE, 113, NONE, NONE)
CALL(modify_ldt, EPERM, 154, 123, NONE, NONE)
CALL(pciconfig_iobase, EPERM, NONE, NONE, NONE, 271)
CALL(pciconfig_read, EPERM, NONE, NONE, NONE, 272)
CALL(pciconfig_write, EPERM, NONE, NONE, NONE, 273)

/* What nothing has called for decades. */
CALL(create_module, ENOSYS, 174, 127, NONE, NONE)
CALL(query_module, ENOSYS, 178, 167, NONE, NONE)
CALL(get_kernel_syms, ENOSYS, 177, 130, NONE, NONE)
CALL(lookup_dcookie, ENOSYS, 212, 253, 18, 249)
CALL(nfsservctl, ENOSYS, 180, 169, 42, 169)
CALL(_sysctl, ENOSYS, 156, 149, NONE, 149)
CALL(uselib, ENOSYS, 134, 86, NONE, 86)
CALL(ustat, ENOSYS, 136, 62, NONE, 62)
CALL(sysfs, ENOSYS, 139, 135, NONE, 135)
CALL(bdflush, ENOSYS, NONE, 134, NONE, 134)
