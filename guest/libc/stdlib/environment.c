// SPDX-License-Identifier: MIT
// The environment: strings "NAME=value" in the list `environ`, which first lies on the stack as execve put it.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char **find(const char *name, size_t length)
{
    for (char **entry = environ; *entry; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return entry;
    return NULL;
}

char *getenv(const char *name)
{
    char **entry = find(name, strlen(name));
    return entry ? *entry + strlen(name) + 1 : NULL;
}

/// The list grows in a copy of ours; the one on the stack has no room.
static int append(char *definition)
{
    static char **copy;
    size_t count = 0;
    while (environ[count])
        count++;
    char **longer = malloc((count + 2) * sizeof *longer);
    if (!longer)
        return -1;
    memcpy(longer, environ, count * sizeof *longer);
    longer[count] = definition;
    longer[count + 1] = NULL;
    free(copy);
    environ = copy = longer;
    return 0;
}

int putenv(char *definition)
{
    char **entry = find(definition, strcspn(definition, "="));
    if (!entry)
        return append(definition);
    *entry = definition;
    return 0;
}

int setenv(const char *name, const char *value, int overwrite)
{
    if (!overwrite && getenv(name))
        return 0;
    char *definition = malloc(strlen(name) + strlen(value) + 2);
    if (!definition)
        return -1;
    strcpy(definition, name);
    strcat(definition, "=");
    strcat(definition, value);
    return putenv(definition);
}

int unsetenv(const char *name)
{
    char **entry;
    while ((entry = find(name, strlen(name))))
        for (; *entry; entry++)
            entry[0] = entry[1];
    return 0;
}
