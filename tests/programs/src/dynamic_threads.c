// SPDX-License-Identifier: MIT
// A dynamically linked program: four threads, a mutex, and a library loaded while it runs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int counter;
static __thread int own;

static void *count(void *unused)
{
    for (int i = 0; i < 10000; i++) {
        own++;
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
    }
    return (void *)(long)own;
}

int main(void)
{
    pthread_t thread[4];
    void *result;
    for (int i = 0; i < 4; i++)
        if (pthread_create(&thread[i], NULL, count, NULL))
            return 1;
    for (int i = 0; i < 4; i++)
        if (pthread_join(thread[i], &result) || (long)result != 10000)
            return 2;
    void *libm = dlopen("libm.so.6", RTLD_NOW);
    double (*cosine)(double) = libm ? dlsym(libm, "cos") : NULL;
    if (!cosine) {
        puts(dlerror());
        return 3;
    }
    Dl_info info;
    printf("4 threads counted to %d; cos(0) = %g; libm %s\n", counter, cosine(0),
           dladdr(cosine, &info) ? "at its place" : "nowhere");
    return dlclose(libm);
}
