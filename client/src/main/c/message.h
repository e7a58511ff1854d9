/*
 * What launcher and client daemon say to each other, over a Unix socket.
 *
 * A message is its length (32 bit, big endian; type included), one byte for its type, and fields: a number is 32 bit big
 * endian, a string its length and its bytes, a list its length and its strings.
 *
 *   launcher  REQUEST  version, flags, columns of the terminal or 0, cwd, executable, arguments, environment, view
 *   daemon    EXIT     status, standard output, standard error: print and end
 *             RUN      flags, file for stdout, file for stderr, executable, arguments: run as a child, answer with DONE; if it
 *                      cannot be run, become the compiler
 *             BECOME   no fields: execute the compiler in place of this program
 *             COMPARE  a number of files, for each its path and its stamp: look which stamps are others now
 *             OFFER    a list of outputs; then what EXIT has; then, in pieces, what is to be in each output: if no stamp of the
 *                      last COMPARE is another one, put them into their places, answer with CHECKED, print and end; else
 *                      only answer
 *             WRITE    a list of outputs, followed by their pieces: put them into their places, answer with DONE, whose status is
 *                      0 if they are there
 *             PIECE    whether it is the last one of an output, and bytes
 *   launcher  DONE     status; then 1 if something was mounted or unmounted meanwhile, or may have been
 *             CHECKED  the numbers, from 0, of those files whose stamp is another one: none if the offer is taken
 *
 * A status is an exit code, from 0 to 255, or ENDED_BY_SIGNAL plus the number of the signal that ended the program; that of a
 * DONE may be TOO_LONG, if a question was not answered in time.
 *
 * An output is a number, which says in which manner the compiler puts the file into its place, and the place.
 *
 * The path of such a file, or output, ends in a NUL byte, which counts: it is used where it lies.
 *
 * A stamp is what stat says: device, inode, size, times of modification and of change in nanoseconds since 1970, 64 bit big
 * endian each, or all bits set for what is not there. With all bits set in the last three only, it is any state of that file
 * or directory. A build looks at thousands of headers, and C takes a third of the time for it that Java does. While the
 * launcher looks, the daemon reads what there is to offer.
 *
 * The view stands for what the launcher sees under which path; launchers with another one than the daemon's are not served.
 *
 * The version is that of all this. A question to the daemon itself is one in every version, and its answer an EXIT.
 *
 * The executable of a REQUEST is empty for a question to the daemon itself (--show-stats and the like). An empty file of a
 * RUN means the launcher's own stream. LauncherMessages in Java is the other side.
 */
#ifndef JDIST_MESSAGE_H
#define JDIST_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

enum { PROTOCOL_VERSION = 6 };
enum message_type {
    REQUEST = 1,
    EXIT = 2,
    RUN = 3,
    BECOME = 4,
    DONE = 5,
    COMPARE = 6,
    OFFER = 7,
    CHECKED = 8,
    WRITE = 9,
    PIECE = 10
};
/* HAS_OWN_LIMITS: a program may fail here that does not fail for others. HAS_SMALL_FILES: one of these limits is on files. */
enum request_flags { STDOUT_IS_TERMINAL = 1, STDERR_IS_TERMINAL = 2, HAS_OWN_LIMITS = 4, HAS_SMALL_FILES = 8 };
/*
 * RUN_IS_FINAL: should the daemon be gone, or talk nonsense, once the child has ended, end as the child did. RUN_IS_QUESTION: it reads nothing, and is
 * ended with all its children after QUESTION_SECONDS.
 */
enum run_flags { RUN_IS_FINAL = 1, RUN_IS_QUESTION = 2 };
enum { QUESTION_SECONDS = 30 };
/* PIECE_DAMAGED: it ends here, and must not be used. */
enum piece_state { PIECE_LAST = 0, PIECE_MORE = 1, PIECE_DAMAGED = 2 };
/*
 * What a compiler does to a file that is in the place of its output. REPLACED: another file takes its name, be it that of a
 * link. REPLACED_UNLESS_EMPTY: it is removed first, but written over where it, or what the link leads to, is empty.
 * WRITTEN_OVER: it is opened and keeps its mode; a link is followed.
 */
enum manner { REPLACED = 0, REPLACED_UNLESS_EMPTY = 1, WRITTEN_OVER = 2 };
enum { ENDED_BY_SIGNAL = 256, TOO_LONG = 512 };

struct message {
    unsigned char *bytes;
    size_t used, size, read;
    int is_broken; /* more was taken than there is, or there was no memory for what was put or taken */
};

struct message begin_message(enum message_type type);
void put_number(struct message *message, uint32_t number);
void put_string(struct message *message, const char *text);
void put_list(struct message *message, char **texts);

/* Whether anything was put into a message since it began. */
int has_fields(const struct message *message);

/* Has the calls below look at the daemon now and then: one that is stopped counts as gone. */
void be_patient(int connection);

/* Sends and frees a message; false if it is broken or the other side is gone. */
int send_message(int connection, struct message *message);

/* Waits for a message; false if the other side is gone or talks nonsense, or there is no memory. Its first byte is its type. */
int receive_message(int connection, struct message *message);

/* Waits for a PIECE, of which `count` bytes are to be read then; false as above. */
int receive_piece(int connection, uint32_t *count, uint32_t *state);

/* Reads so many bytes; false if there are fewer. */
int read_all(int fd, unsigned char *bytes, size_t count);

/*
 * A message that is shorter than what is taken from it is broken from then on, and gives zeros and NULLs. Whoever takes looks
 * at that before anything is done.
 */
const unsigned char *take_bytes(struct message *message, size_t count);
uint32_t take_number(struct message *message);
/* A string without a NUL byte, to be freed. */
char *take_string(struct message *message);
/* A string that ends in a NUL byte of its own and has no other, where it lies in the message. */
const char *take_path(struct message *message);
char **take_list(struct message *message);
void free_list(char **texts);
void free_message(struct message *message);

/* Writes everything; false if that cannot be done. */
int write_all(int fd, const unsigned char *bytes, size_t count);

/* Returns `memory`, or ends the program where there is none. */
void *must(void *memory);

/* Prints one line to standard error. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
