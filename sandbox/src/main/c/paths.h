/*
 * Every system call that takes a path, or shows what is in a directory:
 *
 *   PATH_CALL(name, action, directory, path, flags, number on x86_64, on i386, on aarch64, on 32-bit arm)
 *
 * `directory`, `path` and `flags` say which of the arguments they are, from 0 on; NONE where there is none. What has two
 * paths has the second behind the first, with its directory. Actions are in view.c. Calls that filter.c refuses anyway are
 * not here. ViewCallsTest reads this file too.
 */

/* What is there, its last link followed (unless flags say otherwise) or not. */
PATH_CALL(stat, LOOK, NONE, 0, NONE, 4, 106, NONE, 106)
PATH_CALL(lstat, LOOK_AT_LINK, NONE, 0, NONE, 6, 107, NONE, 107)
PATH_CALL(oldstat, LOOK, NONE, 0, NONE, NONE, 18, NONE, NONE)
PATH_CALL(oldlstat, LOOK_AT_LINK, NONE, 0, NONE, NONE, 84, NONE, NONE)
PATH_CALL(stat64, LOOK, NONE, 0, NONE, NONE, 195, NONE, 195)
PATH_CALL(lstat64, LOOK_AT_LINK, NONE, 0, NONE, NONE, 196, NONE, 196)
PATH_CALL(newfstatat, LOOK, 0, 1, 3, 262, NONE, 79, NONE)
PATH_CALL(fstatat64, LOOK, 0, 1, 3, NONE, 300, NONE, 327)
PATH_CALL(statx, LOOK, 0, 1, 2, 332, 383, 291, 397)
PATH_CALL(access, LOOK, NONE, 0, NONE, 21, 33, NONE, 33)
PATH_CALL(faccessat, LOOK, 0, 1, NONE, 269, 307, 48, 334)
PATH_CALL(faccessat2, LOOK, 0, 1, 3, 439, 439, 439, 439)
PATH_CALL(readlink, READ_LINK, NONE, 0, NONE, 89, 85, NONE, 85)
PATH_CALL(readlinkat, READ_LINK, 0, 1, NONE, 267, 305, 78, 332)
PATH_CALL(chdir, LOOK, NONE, 0, NONE, 80, 12, 49, 12)
PATH_CALL(statfs, LOOK, NONE, 0, NONE, 137, 99, 43, 99)
PATH_CALL(statfs64, LOOK, NONE, 0, NONE, NONE, 268, NONE, 266)
PATH_CALL(getxattr, LOOK, NONE, 0, NONE, 191, 229, 8, 229)
PATH_CALL(lgetxattr, LOOK_AT_LINK, NONE, 0, NONE, 192, 230, 9, 230)
PATH_CALL(getxattrat, LOOK, 0, 1, 2, 464, 464, 464, 464)
PATH_CALL(listxattr, LOOK, NONE, 0, NONE, 194, 232, 11, 232)
PATH_CALL(llistxattr, LOOK_AT_LINK, NONE, 0, NONE, 195, 233, 12, 233)
PATH_CALL(listxattrat, LOOK, 0, 1, 2, 465, 465, 465, 465)
PATH_CALL(inotify_add_watch, WATCH, NONE, 1, 2, 254, 292, 27, 317)
PATH_CALL(file_getattr, LOOK, 0, 1, 4, 468, 468, 468, 468)

/* Changes of what is there, for which it has to be in place, as it has to be for those above. */
PATH_CALL(truncate, CHANGE, NONE, 0, NONE, 76, 92, 45, 92)
PATH_CALL(truncate64, CHANGE, NONE, 0, NONE, NONE, 193, NONE, 193)
PATH_CALL(chmod, CHANGE, NONE, 0, NONE, 90, 15, NONE, 15)
PATH_CALL(fchmodat, CHANGE, 0, 1, NONE, 268, 306, 53, 333)
PATH_CALL(fchmodat2, CHANGE, 0, 1, 3, 452, 452, 452, 452)
PATH_CALL(chown, CHANGE, NONE, 0, NONE, 92, 182, NONE, 182)
PATH_CALL(lchown, CHANGE_LINK, NONE, 0, NONE, 94, 16, NONE, 16)
PATH_CALL(chown32, CHANGE, NONE, 0, NONE, NONE, 212, NONE, 212)
PATH_CALL(lchown32, CHANGE_LINK, NONE, 0, NONE, NONE, 198, NONE, 198)
PATH_CALL(fchownat, CHANGE, 0, 1, 4, 260, 298, 54, 325)
PATH_CALL(utime, CHANGE, NONE, 0, NONE, 132, 30, NONE, NONE)
PATH_CALL(utimes, CHANGE, NONE, 0, NONE, 235, 271, NONE, 269)
PATH_CALL(futimesat, CHANGE, 0, 1, NONE, 261, 299, NONE, 326)
PATH_CALL(utimensat, CHANGE, 0, 1, 3, 280, 320, 88, 348)
PATH_CALL(utimensat_time64, CHANGE, 0, 1, 3, NONE, 412, NONE, 412)
PATH_CALL(setxattr, CHANGE, NONE, 0, NONE, 188, 226, 5, 226)
PATH_CALL(lsetxattr, CHANGE_LINK, NONE, 0, NONE, 189, 227, 6, 227)
PATH_CALL(setxattrat, CHANGE, 0, 1, 2, 463, 463, 463, 463)
PATH_CALL(removexattr, CHANGE, NONE, 0, NONE, 197, 235, 14, 235)
PATH_CALL(lremovexattr, CHANGE_LINK, NONE, 0, NONE, 198, 236, 15, 236)
PATH_CALL(removexattrat, CHANGE, 0, 1, 2, 466, 466, 466, 466)
PATH_CALL(file_setattr, CHANGE, 0, 1, 4, 469, 469, 469, 469)

/* Files that are opened, and perhaps made. */
PATH_CALL(open, OPEN, NONE, 0, 1, 2, 5, NONE, 5)
PATH_CALL(openat, OPEN, 0, 1, 2, 257, 295, 56, 322)
PATH_CALL(openat2, OPEN_BY_STRUCTURE, 0, 1, 2, 437, 437, 437, 437)
PATH_CALL(creat, CREATE, NONE, 0, NONE, 85, 8, NONE, 8)

/* Programs. */
PATH_CALL(execve, EXECUTE, NONE, 0, NONE, 59, 11, 221, 11)
PATH_CALL(execveat, EXECUTE, 0, 1, 4, 322, 358, 281, 387)

/* Names that are made, moved and removed. */
PATH_CALL(mkdir, MAKE, NONE, 0, NONE, 83, 39, NONE, 39)
PATH_CALL(mkdirat, MAKE, 0, 1, NONE, 258, 296, 34, 323)
PATH_CALL(mknod, MAKE, NONE, 0, NONE, 133, 14, NONE, 14)
PATH_CALL(mknodat, MAKE, 0, 1, NONE, 259, 297, 33, 324)
PATH_CALL(symlink, MAKE, NONE, 1, NONE, 88, 83, NONE, 83)
PATH_CALL(symlinkat, MAKE, 1, 2, NONE, 266, 304, 36, 331)
PATH_CALL(link, LINK, NONE, 0, NONE, 86, 9, NONE, 9)
PATH_CALL(linkat, LINK, 0, 1, 4, 265, 303, 37, 330)
PATH_CALL(rename, RENAME, NONE, 0, NONE, 82, 38, NONE, 38)
PATH_CALL(renameat, RENAME, 0, 1, NONE, 264, 302, 38, 329)
PATH_CALL(renameat2, RENAME, 0, 1, 4, 316, 353, 276, 382)
PATH_CALL(unlink, REMOVE, NONE, 0, NONE, 87, 10, NONE, 10)
PATH_CALL(unlinkat, REMOVE, 0, 1, 2, 263, 301, 35, 328)
PATH_CALL(rmdir, REMOVE_DIRECTORY, NONE, 0, NONE, 84, 40, NONE, 40)

/* Sockets that have a path; `path` is the address, and `flags` its length. */
PATH_CALL(bind, BIND, NONE, 1, 2, 49, 361, 200, 282)
PATH_CALL(connect, CONNECT, NONE, 1, 2, 42, 362, 203, 283)

/* What is in a directory; `directory` is the open one. */
PATH_CALL(getdents, LIST, 0, NONE, NONE, 78, 141, NONE, 141)
PATH_CALL(getdents64, LIST, 0, NONE, NONE, 217, 220, 61, 217)
PATH_CALL(readdir, LIST, 0, NONE, NONE, NONE, 89, NONE, NONE)
