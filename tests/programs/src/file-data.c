// SPDX-License-Identifier: MIT
// Data: positions, holes, appending, truncating, vectors, mapping and sending files; wrong descriptors and pointers.
#include "show.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static char buffer[8192];
static const char constant[4096] __attribute__((aligned(4096))) = "constant";
static char* volatile nowhere = (char*)16;
static volatile int too_many = 2000,
                    negative = -1; // volatile: the compiler need not warn of what is wrong on purpose

static void show_bytes(const char* bytes, int n) {
    for (int i = 0; i < n; i++) printf("%02x%s", (unsigned char)bytes[i], i + 1 < n ? " " : "\n");
}

static void show_size(const char* path) {
    struct stat status;
    if (stat(path, &status)) perror(path);
    printf("%s has %lld bytes\n", path, (long long)status.st_size);
}

static void wrong_use(int reader, int writer) {
    puts("-- wrong use");
    SHOW(write(reader, "x", 1));
    SHOW(read(writer, buffer, 1));
    SHOW(read(999, buffer, 1));
    SHOW(write(-1, buffer, 1));
    SHOW(close(-1));
    SHOW(read(reader, nowhere, 4));
    SHOW(write(writer, nowhere, 4));
    SHOW(read(reader, (char*)constant, 4));
    SHOW(read(open(".", O_RDONLY), buffer, 10));
    SHOW(pread(reader, buffer, 20, 0));
    show_bytes(buffer, 12); // the bad write must not have harmed them
}

static void positions(int reader, int writer) {
    puts("-- positions");
    SHOW(read(reader, buffer, 5));
    SHOW(lseek(reader, 0, SEEK_CUR));
    SHOW(lseek(reader, -100, SEEK_CUR));
    SHOW(lseek(reader, 100, SEEK_SET));
    SHOW(read(reader, buffer, 5));
    SHOW(lseek(reader, 0, 9));
    SHOW(lseek(reader, -1, SEEK_END));
    SHOW(read(reader, buffer, 5));
    SHOW(lseek(999, 0, SEEK_SET));
    SHOW(pread(reader, buffer, 5, 1));
    SHOW(pread(reader, buffer, 5, -1));
    SHOW(pwrite(writer, "ABC", 3, 20));
    SHOW(pread(reader, buffer, 50, 0));
    show_bytes(buffer, 23);
}

static void sizes(int reader, int writer) {
    puts("-- sizes");
    show_size("file");
    SHOW(ftruncate(reader, 1));
    SHOW(ftruncate(writer, -1));
    SHOW(ftruncate(writer, 5));
    SHOW(truncate("file", 10000));
    show_size("file");
    SHOW(pwrite(writer, "far", 3, 100000));
    show_size("file");
    SHOW(pread(reader, buffer, 4, 50000));
    show_bytes(buffer, 4);
    SHOW(truncate("file", 12));
    show_size("file");
    SHOW(truncate("folder", 1));
    SHOW(truncate("missing", 1));
    SHOW(posix_fallocate(writer, 0, 9000));
    show_size("file");
    SHOW(ftruncate(writer, 12));
}

static void appending(void) {
    puts("-- appending");
    int fd = open("file", O_WRONLY | O_APPEND);
    SHOW(write(fd, "tail", 4));
    SHOW(lseek(fd, 0, SEEK_CUR));
    SHOW(lseek(fd, 0, SEEK_SET));
    SHOW(write(fd, "x", 1));
    show_size("file");
}

static void vectors(int reader, int writer) {
    puts("-- vectors");
    struct iovec out[3] = {{"abc", 3}, {"", 0}, {"defgh", 5}};
    struct iovec in[2] = {{buffer, 2}, {buffer + 10, 20}};
    SHOW(lseek(writer, 0, SEEK_SET));
    SHOW(writev(writer, out, 3));
    SHOW(writev(writer, out, negative));
    SHOW(writev(writer, out, 0));
    SHOW(writev(writer, out, too_many));
    SHOW(preadv(reader, in, 2, 0));
    printf("%.2s %.6s\n", buffer, buffer + 10);
    in[0].iov_len = (size_t)-1;
    SHOW(readv(reader, in, 2));
    SHOW(readv(reader, (struct iovec*)nowhere, 2));
    SHOW(pwritev(writer, out, 3, 4));
}

static void sending(void) {
    int ends[2], from = open("file", O_RDONLY);
    off_t offset = 2;
    puts("-- sending");
    if (pipe(ends)) perror("pipe");
    SHOW(sendfile(ends[1], from, &offset, 5));
    printf("the offset is %ld\n", (long)offset);
    SHOW(sendfile(ends[1], from, NULL, 1000));
    SHOW(lseek(from, 0, SEEK_CUR) == lseek(from, 0, SEEK_END));
    SHOW(sendfile(999, from, NULL, 5));
    SHOW(sendfile(from, from, NULL, 5));
    close(ends[1]);
    SHOW(read(ends[0], buffer, sizeof buffer));
    show_bytes(buffer, 8);
}

static void mapping(void) {
    puts("-- mapping");
    int fd = open("file", O_RDWR), reader = open("file", O_RDONLY);
    SHOW(ftruncate(fd, 5000));
    char* shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char* private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    shared[0] = 'S';
    SHOW(pread(fd, buffer, 1, 0));
    printf("the file begins with %c, the private mapping with %c\n", buffer[0], private[0]);
    private[1] = 'P';
    SHOW(pwrite(fd, "W", 1, 2));
    SHOW(pread(fd, buffer, 3, 0));
    printf("file %.3s, shared %.3s, private %.2s\n", buffer, shared, private);
    SHOW(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 999, 0) == MAP_FAILED ? -1 : 0);
    SHOW(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0) == MAP_FAILED ? -1 : 0);
    SHOW(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open(".", O_RDONLY), 0) == MAP_FAILED ? -1 : 0);
    SHOW(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, reader, 0) == MAP_FAILED ? -1 : 0);
    fflush(stdout);
    if (fork() == 0) { // the page behind the new end is gone from the mapping, too
        if (ftruncate(fd, 100)) perror("ftruncate");
        _exit(((volatile char*)shared)[4500]);
    }
    int status;
    wait(&status);
    printf("a look behind the end of the file: signal %d\n", WTERMSIG(status));
}

static void note(int signal) {
    (void)signal;
}

static void limits(void) {
    puts("-- limits");
    fflush(stdout);
    struct rlimit limit, small;
    getrlimit(RLIMIT_FSIZE, &limit);
    small = limit;
    small.rlim_cur = 1000;
    signal(SIGXFSZ, note);
    int fd = open("limited", O_CREAT | O_RDWR | O_TRUNC, 0644);
    setrlimit(RLIMIT_FSIZE, &small); // standard output may be a file: nothing is printed until the limit is gone
    long first = write(fd, buffer, 2000), second = write(fd, buffer, 10);
    int error = errno;
    long third = ftruncate(fd, 2000);
    setrlimit(RLIMIT_FSIZE, &limit);
    printf("%ld, then %ld (%s), then %ld\n", first, second, strerrorname_np(error), third);
    show_size("limited");
}

int main(void) {
    enter_scratch_folder();
    make_file("file", "hello world\n");
    mkdir("folder", 0755);
    int reader = open("file", O_RDONLY), writer = open("file", O_WRONLY);
    wrong_use(reader, writer);
    positions(reader, writer);
    sizes(reader, writer);
    appending();
    vectors(reader, writer);
    sending();
    mapping();
    limits();
    SHOW(open("/proc/self/exe", O_WRONLY) < 0 ? -1 : 0);
    return 0;
}
