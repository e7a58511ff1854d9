/* The files of a compile that was done elsewhere or before: the launcher puts them into their places, as the compiler would. */
#ifndef JDIST_OUTPUTS_H
#define JDIST_OUTPUTS_H

#include "message.h"

struct output;

/* The outputs that a message names; they are not in their places yet. */
struct outputs {
    struct output *list;
    size_t count;
};

/* Takes a list of outputs, to be freed; the message is broken if there is none. Their places lie in the message. */
struct outputs take_outputs(struct message *message);
void free_outputs(struct outputs *outputs);

enum placing { PLACED, NOT_PLACED, DAEMON_GONE };

/*
 * Receives what is to be in the outputs, and puts them into their places, or throws it away if they are not `wanted`. They are
 * NOT_PLACED if one of them cannot be, or has not arrived whole: the compiler has to make them all then.
 */
enum placing receive_outputs(int daemon, struct outputs *outputs, int wanted);

#endif
