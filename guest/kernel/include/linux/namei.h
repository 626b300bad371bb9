// SPDX-License-Identifier: MIT
// Path lookup: what it is told (flags) and what it returns (struct nameidata). Truth: names are Linux 2.6's.
#pragma once

#include <linux/dcache.h>
#include <linux/mount.h>

#define MAXSYMLINKS 40

enum { LAST_NORM, LAST_ROOT, LAST_DOT, LAST_DOTDOT };

// A symbolic link that is being walked: its dentry, which keeps the text alive, and what of the path comes after it.
struct saved_link {
    struct dentry *link;
    const char *rest;
};

struct nameidata {
    struct dentry *dentry; // where the walk stands
    struct vfsmount *mnt;
    struct qstr last; // LOOKUP_PARENT: the component that was not walked
    int last_type;
    unsigned int flags;
    int trailing_slash; // the path ended in '/': it must name a directory
    int depth; // links open at this moment
    int total_links; // links followed since the walk began
    struct saved_link saved[MAXSYMLINKS];
    char link_text[16]; // for links whose text is made up while walking, e.g. /proc/self
};

#define LOOKUP_FOLLOW 1 // a symbolic link at the end is followed
#define LOOKUP_DIRECTORY 2
#define LOOKUP_PARENT 16
#define LOOKUP_EMPTY 0x4000 // the path may be "": it means the start itself

int path_lookup(const char *name, unsigned int flags, struct nameidata *nd);
int path_lookup_at(int dfd, const char *name, unsigned int flags, struct nameidata *nd);
int user_path_at(int dfd, const char __user *name, unsigned int flags, struct nameidata *nd);
int link_path_walk(const char *name, struct nameidata *nd);
void path_release(struct nameidata *nd);
struct dentry *lookup_hash(struct qstr *name, struct dentry *base);
struct dentry *lookup_one_len(const char *name, struct dentry *base, int len);
struct dentry *lookup_create(struct nameidata *nd, int is_dir);
int path_init(int dfd, const char *name, unsigned int flags, struct nameidata *nd);
int do_follow_link(struct nameidata *nd, struct dentry *link, const char **name);
void follow_mount(struct vfsmount **mnt, struct dentry **dentry);
int user_path_parent(int dfd, const char __user *name, struct nameidata *nd, char **tmp);
int at_lookup_flags(int at_flags, int follow);
int may_create(struct inode *dir, struct dentry *child);
int follow_up(struct vfsmount **mnt, struct dentry **dentry);
