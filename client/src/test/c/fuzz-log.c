/*
 * Fuzz target: how client commands read SCCACHE_LOG. The input, behind the byte for faults.h, is the variable's value.
 *
 * Whatever it is, it lets messages of level debug through or does not; and not if it names no level that does.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "../../../../sandbox/src/test/c/faults.h"

static char *given;

static char *fake_getenv(const char *name)
{
    return strcmp(name, "SCCACHE_LOG") == 0 ? given : NULL;
}

#define getenv fake_getenv

#include "../../main/c/log.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int wanted;

    begin_world(data, size);
    given = calloc(size + 1, 1); /* of its very length, so that the sanitizer sees who reads past it */
    if (given == NULL)
        return 0;
    if (size > 1)
        memcpy(given, data + 1, size - 1);
    wanted = is_wanted();
    CHECK(wanted == 0 || wanted == 1);
    CHECK(!wanted || strcasestr(given, "debug") != NULL || strcasestr(given, "trace") != NULL
          || strstr(given, "sccache") != NULL || strstr(given, "jdist") != NULL);
    free(given);
    return 0;
}
