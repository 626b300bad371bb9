// SPDX-License-Identifier: MIT
// Names: what open, mkdir, rmdir, unlink, link, symlink, readlink and rename answer for every odd path.
#include "show.h"

#include <dirent.h>

static char long_name[300], long_path[5001];

static void opening(void) {
    puts("-- opening");
    make_file("file", "hello world\n");
    SHOW(open("missing", O_RDONLY));
    SHOW(open("", O_RDONLY));
    SHOW(open((char*)1, O_RDONLY));
    SHOW(open(long_name, O_RDONLY));
    SHOW(open(long_path, O_RDONLY));
    SHOW(open(".", O_WRONLY));
    SHOW(open(".", O_RDWR));
    SHOW(open(".", O_RDONLY | O_CREAT, 0644));
    SHOW(open("folder/", O_RDONLY | O_CREAT, 0644));
    SHOW(open("file/", O_RDONLY));
    SHOW(open("file/below", O_RDONLY));
    SHOW(open("file", O_CREAT | O_EXCL, 0644));
    SHOW(open("file", O_RDONLY | O_DIRECTORY));
    SHOW(open("file/", O_CREAT | O_RDWR, 0644));
    SHOW(open("missing/x", O_CREAT | O_RDWR, 0644));
    SHOW(open("..", O_CREAT | O_EXCL | O_RDWR, 0644));
    WORKS(open("./../" /* and back */ ".", O_RDONLY));
    WORKS(open("created", O_CREAT | O_EXCL | O_WRONLY, 0400));
    SHOW(open("created", O_WRONLY));
}

static void folders(void) {
    puts("-- folders");
    SHOW(mkdir("folder", 0777));
    SHOW(mkdir("folder", 0777));
    SHOW(mkdir("folder/a/b", 0777));
    SHOW(mkdir("folder/a/", 0755));
    SHOW(mkdir(".", 0755));
    SHOW(mkdir("/", 0755));
    SHOW(mkdir("folder/..", 0755));
    SHOW(mkdir("", 0755));
    SHOW(mkdir("file/x", 0755));
    SHOW(rmdir("folder"));
    SHOW(rmdir("file"));
    SHOW(rmdir("missing"));
    SHOW(rmdir("folder/a/."));
    SHOW(rmdir("folder/a/.."));
    SHOW(unlink("folder") < 0);
    SHOW(unlink("file/"));
    SHOW(unlink("missing"));
    SHOW(unlink("missing/"));
    SHOW(unlink("file/x"));
    SHOW(unlink(long_name));
    SHOW(chdir("file"));
    SHOW(chdir("missing"));
    SHOW(chdir("folder/a"));
    char path[4096];
    printf("the working folder ends in %s\n", strstr(getcwd(path, sizeof path), "/folder"));
    SHOW(syscall(SYS_getcwd, path, 2));
    SHOW(chdir("../.."));
}

static void links(void) {
    char text[100];
    puts("-- links");
    SHOW(link("file", "second"));
    SHOW(link("file", "second"));
    SHOW(link("folder", "x"));
    SHOW(link("missing", "x"));
    SHOW(symlink("file", "soft"));
    SHOW(symlink("file", "soft"));
    SHOW(symlink("", "x"));
    SHOW(symlink("loop", "loop"));
    SHOW(open("loop", O_RDONLY));
    SHOW(open("loop/x", O_RDONLY));
    SHOW(open("soft", O_RDONLY | O_NOFOLLOW));
    SHOW(open("soft/", O_RDONLY));
    SHOW(symlink("fresh", "to-fresh"));
    SHOW(open("to-fresh", O_CREAT | O_EXCL | O_RDWR, 0600));
    WORKS(open("to-fresh", O_CREAT | O_RDWR, 0600));
    SHOW(access("fresh", F_OK));
    SHOW(symlink("folder", "to-folder"));
    WORKS(open("to-folder/", O_RDONLY));
    SHOW(rmdir("to-folder"));
    SHOW(rmdir("to-folder/"));
    SHOW(unlink("to-folder/"));
    SHOW(mkdir("to-folder/", 0755));
    SHOW(mkdir("to-folder/inside", 0755));
    SHOW(rmdir("folder/inside"));
    SHOW(symlink("nowhere", "dangling"));
    SHOW(mkdir("dangling", 0755));
    SHOW(mkdir("dangling/", 0755));
    SHOW(link("soft", "soft-too"));
    SHOW(readlink("soft-too", text, sizeof text));
    SHOW(linkat(AT_FDCWD, "soft", AT_FDCWD, "hard", AT_SYMLINK_FOLLOW));
    SHOW(readlink("hard", text, sizeof text));
    SHOW(readlink("missing", text, sizeof text));
    SHOW(readlink("soft", text, 2));
    printf("readlink wrote %.2s\n", text);
    struct stat status;
    SHOW(stat("file", &status));
    printf("the file has %d names\n", (int)status.st_nlink);
}

// A path may lead through 40 symbolic links, not 41.
static void chain_of_links(void) {
    char name[20], target[20];
    puts("-- a chain of links");
    make_file("chain0", "end\n");
    for (int i = 1; i <= 41; i++) {
        sprintf(name, "chain%d", i);
        sprintf(target, "chain%d", i - 1);
        if (symlink(target, name)) perror(name);
    }
    WORKS(open("chain8", O_RDONLY));
    WORKS(open("chain40", O_RDONLY));
    SHOW(open("chain41", O_RDONLY));
}

static void renaming(void) {
    puts("-- renaming");
    SHOW(rename("file", "file"));
    SHOW(rename("file", "second"));
    SHOW(rename("missing", "x"));
    SHOW(rename("file", "folder"));
    SHOW(rename("folder", "file"));
    SHOW(rename("folder", "folder/a/x"));
    SHOW(rename("folder/a", "folder"));
    SHOW(mkdir("empty", 0755));
    SHOW(rename("empty", "folder/a"));
    SHOW(mkdir("full", 0755));
    make_file("full/x", "1");
    SHOW(rename("folder", "full"));
    SHOW(rename("file", "file/"));
    SHOW(rename("file", "nowhere/"));
    SHOW(rename(".", "x"));
    SHOW(rename("file", "."));
    SHOW(rename("full", "renamed/"));
    SHOW(access("renamed/x", F_OK));
    SHOW(rename("renamed/x", "folder/x"));
    SHOW(rename("soft", "folder/soft"));
    SHOW(renameat2(AT_FDCWD, "file", AT_FDCWD, "folder/x", RENAME_NOREPLACE));
    SHOW(renameat2(AT_FDCWD, "file", AT_FDCWD, "x", 0x80));
}

static int by_name(const void* a, const void* b) {
    return strcmp(*(char* const*)a, *(char* const*)b);
}

static void listing(const char* path) {
    char* names[100];
    int count = 0;
    DIR* folder = opendir(path);
    for (struct dirent* entry; (entry = readdir(folder));) {
        char text[300];
        sprintf(text, "%s (type %d)", entry->d_name, entry->d_type);
        names[count++] = strdup(text);
    }
    closedir(folder);
    qsort(names, count, sizeof *names, by_name);
    for (int i = 0; i < count; i++) puts(names[i]);
}

// A folder is emptied while it is read: each name is seen once.
static void removing_while_reading(void) {
    char name[20];
    int removed = 0;
    puts("-- removing while reading");
    SHOW(mkdir("many", 0755));
    SHOW(chdir("many"));
    for (int i = 0; i < 500; i++) {
        sprintf(name, "file%d", i);
        make_file(name, "");
    }
    DIR* folder = opendir(".");
    for (struct dirent* entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.') removed += unlink(entry->d_name) == 0;
    closedir(folder);
    printf("%d files removed\n", removed);
    SHOW(chdir(".."));
    SHOW(rmdir("many"));
}

static void removed_folder(void) {
    char text[100];
    struct stat status;
    puts("-- a removed folder");
    SHOW(mkdir("dead", 0755));
    int folder = open("dead", O_RDONLY);
    SHOW(chdir("dead"));
    SHOW(rmdir("../dead"));
    SHOW(open("x", O_CREAT | O_RDWR, 0644));
    SHOW(mkdir("x", 0755));
    SHOW(syscall(SYS_getcwd, text, sizeof text));
    SHOW(syscall(SYS_getdents64, folder, text, sizeof text));
    SHOW(fstat(folder, &status));
    printf("it has %d names\n", (int)status.st_nlink);
    SHOW(chdir(".."));
}

static void relative_to_descriptors(void) {
    puts("-- relative to descriptors");
    int folder = open("folder", O_RDONLY), file = open("file", O_RDONLY);
    WORKS(openat(folder, "../file", O_RDONLY));
    SHOW(openat(file, "x", O_RDONLY));
    SHOW(openat(999, "x", O_RDONLY));
    WORKS(openat(999, "/", O_RDONLY));
    SHOW(mkdirat(folder, "made", 0700));
    SHOW(unlinkat(folder, "made", 0));
    SHOW(unlinkat(folder, "made", 8));
    SHOW(unlinkat(folder, "made", AT_REMOVEDIR));
    SHOW(symlinkat("target", folder, "link"));
    SHOW(linkat(folder, "link", folder, "link2", 0));
    SHOW(fchdir(folder));
    SHOW(fchdir(999));
    SHOW(fchdir(file));
    SHOW(chdir(".."));
}

int main(void) {
    memset(long_name, 'x', sizeof long_name - 1);
    memset(long_path, '/', sizeof long_path - 1);
    enter_scratch_folder();
    opening();
    folders();
    links();
    chain_of_links();
    renaming();
    puts("-- listing");
    listing("folder");
    removing_while_reading();
    removed_folder();
    relative_to_descriptors();
    return 0;
}
