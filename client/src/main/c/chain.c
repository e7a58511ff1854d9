#include "chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Has a W if somebody waits, a comma, and for each program its device and inode and a comma. */
static const char chain_variable[] = "JDIST_CHAIN";

enum { LONGEST_NAME = 40, LONGEST_CHAIN = 1024 };

static struct {
    int is_read, is_waited_for;
    char programs[LONGEST_CHAIN]; /* begins and ends with a comma */
} chain;

static void read_chain(void)
{
    const char *inherited = chain.is_read ? NULL : getenv(chain_variable);

    if (!chain.is_read)
        strcpy(chain.programs, ",");
    chain.is_read = 1;
    if (inherited == NULL)
        return;
    chain.is_waited_for = *inherited == 'W';
    inherited += chain.is_waited_for;
    if (*inherited == ',' && strlen(inherited) < LONGEST_CHAIN)
        strcpy(chain.programs, inherited);
}

static void name(const struct stat *program, char *text)
{
    snprintf(text, LONGEST_NAME, ",%llx:%llx,", (unsigned long long)program->st_dev, (unsigned long long)program->st_ino);
}

int is_in_chain(const struct stat *program)
{
    char text[LONGEST_NAME];

    read_chain();
    name(program, text);
    return strstr(chain.programs, text) != NULL;
}

int is_waited_for(void)
{
    read_chain();
    return chain.is_waited_for;
}

int extend_chain(const struct stat *program)
{
    char text[LONGEST_NAME];

    read_chain();
    name(program, text);
    if (strlen(chain.programs) + strlen(text) > LONGEST_CHAIN)
        return 0;
    strcat(chain.programs, text + 1);
    return 1;
}

void pass_chain(enum waiting waiting)
{
    char passed[LONGEST_CHAIN + 1];

    read_chain();
    snprintf(passed, sizeof passed, "%s%s", waiting == SOMEBODY_WAITS || chain.is_waited_for ? "W" : "", chain.programs);
    setenv(chain_variable, passed, 1);
}
