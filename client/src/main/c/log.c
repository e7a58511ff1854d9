#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { UNKNOWN = -1 };

static const char *skip_blanks(const char *from, const char *end)
{
    while (from < end && (*from == ' ' || *from == '\t'))
        from++;
    return from;
}

static size_t length_without_blanks(const char *from, const char *end)
{
    while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (size_t)(end - from);
}

/* Whether a level lets debug through, or UNKNOWN if it is none. */
static int includes_debug(const char *level, size_t length)
{
    static const char *const levels[] = {"trace", "debug", "info", "warn", "error", "off"};

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strlen(levels[i]) == length && strncasecmp(levels[i], level, length) == 0)
            return i < 2;
    return UNKNOWN;
}

static int starts_with(const char *text, size_t length, const char *prefix)
{
    return length >= strlen(prefix) && strncmp(text, prefix, strlen(prefix)) == 0;
}

/* As Logging does in Java: a level for sccache or jdist goes before one for everything; such a name alone means trace. */
static int is_wanted(void)
{
    const char *rest = getenv("SCCACHE_LOG");
    int general = 0, ours = UNKNOWN;
    const char *end;

    if (rest == NULL)
        return 0;
    end = rest + strcspn(rest, "/"); /* behind it is a regular expression for messages */
    while (rest < end) {
        const char *stop = memchr(rest, ',', (size_t)(end - rest));
        const char *directive_end = stop == NULL ? end : stop;
        const char *equals = memchr(rest, '=', (size_t)(directive_end - rest));
        const char *target = skip_blanks(rest, directive_end);
        const char *level = skip_blanks(equals == NULL ? rest : equals + 1, directive_end);
        const size_t target_length = length_without_blanks(target, equals == NULL ? directive_end : equals);
        const size_t level_length = length_without_blanks(level, directive_end);
        const int includes = includes_debug(level, level_length);

        if (starts_with(target, target_length, "sccache") || starts_with(target, target_length, "jdist")) {
            if (equals == NULL || level_length == 0)
                ours = 1;
            else if (includes != UNKNOWN)
                ours = includes;
        } else if ((equals == NULL || target_length == 0) && includes != UNKNOWN) {
            general = includes;
        }
        rest = stop == NULL ? end : stop + 1;
    }
    return ours == UNKNOWN ? general : ours;
}

void debug(const char *format, ...)
{
    char seconds[32] = "", milliseconds[8] = "";
    struct timespec now;
    va_list arguments;

    if (!is_wanted())
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", gmtime(&now.tv_sec));
    if (getenv("SCCACHE_LOG_MILLIS") != NULL)
        snprintf(milliseconds, sizeof milliseconds, ".%03d", (int)(now.tv_nsec / 1000000));
    fprintf(stderr, "[%s%sZ DEBUG jdist] ", seconds, milliseconds);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}
