// SPDX-License-Identifier: MIT
// The names in a program's ELF file, for mdb: address to name+offset and back. Truth: ELF specification, "Symbol Table".
// Only mdb.c includes this.
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct elf_header {
    unsigned char ident[16];
    unsigned short type, machine;
    unsigned version, entry, program_headers, section_headers, flags;
    unsigned short size, program_header_size, program_header_count, section_size, section_count, names;
};
struct elf_section {
    unsigned name, type, flags, address, offset, size, link, info, align, entry_size;
};
struct elf_symbol {
    unsigned name, value, size;
    unsigned char info, other;
    unsigned short section;
};
enum { SECTION_SYMBOLS = 2, KIND_FUNCTION = 2, KIND_FILE = 4, KIND_SECTION = 3 };

static const struct elf_symbol *symbols;
static const char *symbol_names;
static unsigned symbol_count;

/// The whole file in memory; NULL if it cannot be read.
static char *read_file(const char *path, unsigned long *size)
{
    int fd = open(path, O_RDONLY);
    long end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    char *bytes = end > 0 ? malloc(end) : NULL;
    unsigned long have = 0;
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    for (long n = 1; bytes && have < (unsigned long)end && n > 0; have += n > 0 ? n : 0)
        n = read(fd, bytes + have, end - have);
    if (fd >= 0)
        close(fd);
    *size = have;
    return bytes;
}

/// Keeps the symbol table of a file. A file without one, or that is no ELF file, has no names.
static void load_symbols(const char *path)
{
    unsigned long size;
    char *file = read_file(path, &size);
    const struct elf_header *header = (const struct elf_header *)file;
    if (!file || size < sizeof *header || memcmp(file, "\177ELF\1\1", 6) != 0 ||
        header->section_headers + header->section_count * sizeof(struct elf_section) > size)
        return;
    const struct elf_section *section = (const struct elf_section *)(file + header->section_headers);
    for (int i = 0; i < header->section_count; i++) {
        const struct elf_section *names = &section[section[i].link < header->section_count ? section[i].link : 0];
        if (section[i].type != SECTION_SYMBOLS || section[i].offset + section[i].size > size ||
            names->offset + names->size > size)
            continue;
        symbols = (const struct elf_symbol *)(file + section[i].offset);
        symbol_count = section[i].size / sizeof(struct elf_symbol);
        symbol_names = file + names->offset;
        return;
    }
}

static int is_named_place(const struct elf_symbol *s)
{
    int kind = s->info & 15;
    return s->section && kind != KIND_FILE && kind != KIND_SECTION && symbol_names[s->name];
}

/// 0 if there is no such name.
static unsigned long address_of(const char *name)
{
    for (unsigned i = 0; i < symbol_count; i++)
        if (is_named_place(&symbols[i]) && strcmp(symbol_names + symbols[i].name, name) == 0)
            return symbols[i].value;
    return 0;
}

/// "main+3", or "" far from every name. A function is preferred to another name at the same place.
static const char *name_at(unsigned long address)
{
    static char text[96];
    const struct elf_symbol *best = NULL;
    for (unsigned i = 0; i < symbol_count; i++) {
        const struct elf_symbol *s = &symbols[i];
        if (!is_named_place(s) || s->value > address || address - s->value > 0x10000)
            continue;
        if (!best || s->value > best->value || (s->value == best->value && (s->info & 15) == KIND_FUNCTION))
            best = s;
    }
    if (!best)
        return "";
    unsigned long offset = address - best->value;
    snprintf(text, sizeof text, offset ? "%s+%lu" : "%s", symbol_names + best->name, offset);
    return text;
}
