/* A disk that fails: put before the C library with LD_PRELOAD, it counts what a process does to the files in one folder,
   and at one of these operations something happens.

   "kill"  the process dies by SIGKILL instead of it
   "cut"   half of what is to be written is written, and then the process dies
   "full"  it fails with ENOSPC, and so do all later ones that need room */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long done, at;
static char folder[PATH_MAX], kind[8];

/* From now on: operation number `number`, from 1, of those in `in`; 0 for none. */
void fault_arm(const char *in, long number, const char *how) {
    snprintf(folder, sizeof folder, "%s/", in);
    snprintf(kind, sizeof kind, "%s", how);
    at = number;
    done = 0;
}

/* How many there were. */
long fault_done(void) { return done; }

static int inside(const char *path) { return *folder && !strncmp(path, folder, strlen(folder)); }

static int open_inside(int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return inside(path);
}

/* Whether the operation fails for want of room; does not return when the process dies. */
static int fails(int needs_room) {
    if (++done < at || !at)
        return 0;
    if (!strcmp(kind, "kill") && done == at)
        kill(getpid(), SIGKILL);
    return !strcmp(kind, "full") && needs_room;
}

static int cuts(void) { return !strcmp(kind, "cut") && at && done + 1 == at; }

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FULL return errno = ENOSPC, -1

ssize_t write(int descriptor, const void *bytes, size_t size) {
    if (open_inside(descriptor)) {
        if (cuts()) {
            NEXT(write)(descriptor, bytes, size / 2);
            kill(getpid(), SIGKILL);
        }
        if (fails(1))
            FULL;
    }
    return NEXT(write)(descriptor, bytes, size);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset) {
    if (open_inside(descriptor)) {
        if (cuts()) {
            NEXT(pwrite64)(descriptor, bytes, size / 2, offset);
            kill(getpid(), SIGKILL);
        }
        if (fails(1))
            FULL;
    }
    return NEXT(pwrite64)(descriptor, bytes, size, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    return pwrite64(descriptor, bytes, size, offset);
}

int ftruncate64(int descriptor, off64_t size) {
    if (open_inside(descriptor) && fails(0))
        FULL;
    return NEXT(ftruncate64)(descriptor, size);
}

int fsync(int descriptor) {
    if (open_inside(descriptor) && fails(0))
        FULL;
    return NEXT(fsync)(descriptor);
}

int fdatasync(int descriptor) {
    if (open_inside(descriptor) && fails(0))
        FULL;
    return NEXT(fdatasync)(descriptor);
}

int rename(const char *from, const char *to) {
    if (inside(to) && fails(1))
        FULL;
    return NEXT(rename)(from, to);
}

int unlink(const char *path) {
    if (inside(path) && fails(0))
        FULL;
    return NEXT(unlink)(path);
}

int mkdir(const char *path, mode_t mode) {
    if (inside(path) && fails(1))
        FULL;
    return NEXT(mkdir)(path, mode);
}
