// SPDX-License-Identifier: MIT
// System V shared memory. Layouts and numbers: shmctl(2), shmat(2) on i386.
#pragma once

#include <linux/ipc.h>

#define SHM_RDONLY 010000
#define SHM_RND 020000
#define SHM_REMAP 040000
#define SHM_EXEC 0100000
#define SHM_DEST 01000   ///< in the mode: goes with the last attach
#define SHM_LOCKED 02000
#define SHM_LOCK 11
#define SHM_UNLOCK 12
#define SHM_STAT 13
#define SHM_INFO 14
#define SHMMAX 0x2000000
#define SHMMIN 1
#define SHMMNI 4096
#define SHMALL (SHMMAX / PAGE_SIZE * (SHMMNI / 16))

struct shmid_ds {
    struct ipc_perm shm_perm;
    int shm_segsz;
    time_t shm_atime, shm_dtime, shm_ctime;
    u16 shm_cpid, shm_lpid, shm_nattch, unused[5];
};
struct shmid64_ds {
    struct ipc64_perm shm_perm;
    size_t shm_segsz;
    time_t shm_atime;
    u32 unused1;
    time_t shm_dtime;
    u32 unused2;
    time_t shm_ctime;
    u32 unused3;
    pid_t shm_cpid, shm_lpid;
    u32 shm_nattch, unused4, unused5;
};
struct shminfo {
    int shmmax, shmmin, shmmni, shmseg, shmall;
};
struct shminfo64 {
    u32 shmmax, shmmin, shmmni, shmseg, shmall, unused[4];
};
struct shm_info {
    int used_ids;
    u32 shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};
struct shmid_kernel {
    struct kern_ipc_perm shm_perm;
    struct file *shm_file;
    int id;
    unsigned long shm_nattch, shm_segsz;
    time_t shm_atim, shm_dtim, shm_ctim;
    pid_t shm_cprid, shm_lprid;
};
