/*
 * Stands between the program and the C library, for tests: lets a chosen call on a chosen folder fail, or writes down
 * what is done to it, so that a test can tell what a disk may hold after a power cut.
 *
 *   SHIM_ROOT     only calls on paths at or below this folder count
 *   SHIM_CALLS    the calls that count, with commas; all without it
 *   SHIM_AT       which of them fails, from 1; 0 for none
 *   SHIM_TIMES    how many fail from there on; 0 for all
 *   SHIM_ERRNO    what they fail with; 0 writes only half of what was given, and then all is well
 *   SHIM_LOG      a line for each call that counts: its number, its name, the path
 *   SHIM_RECORD   what changed the folder, with the bytes
 *
 * It is loaded with LD_PRELOAD and changes nothing outside that folder. Where Rust asks the kernel itself to rename, a
 * seccomp filter hands the call over to us.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <ucontext.h>
#include <unistd.h>

#define MAX_FILES 65536

static const char *root, *calls;
static size_t root_length;
static long at, times = 1, number;
static int fails_with, log_fd = -1, record_fd = -1, next_id;
static char *names[MAX_FILES];
static int ids[MAX_FILES];
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

#define REAL(result, name, ...) static result (*real)(__VA_ARGS__); if (!real) real = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int real_open(const char *path, int flags, int mode) {
    REAL(int, "open64", const char *, int, ...);
    return real(path, flags, mode);
}

static void put(int fd, const void *bytes, size_t length) {
    REAL(ssize_t, "write", int, const void *, size_t);
    const char *from = bytes;
    while (length > 0) {
        ssize_t done = real(fd, from, length);
        if (done <= 0) abort();
        from += done;
        length -= (size_t)done;
    }
}

static void watch_renames(void);

__attribute__((constructor)) static void begin(void) {
    const char *value;
    if (!(root = getenv("SHIM_ROOT"))) return;
    root_length = strlen(root);
    calls = getenv("SHIM_CALLS");
    if ((value = getenv("SHIM_AT"))) at = atol(value);
    if ((value = getenv("SHIM_TIMES"))) times = atol(value);
    if ((value = getenv("SHIM_ERRNO"))) fails_with = atoi(value);
    if ((value = getenv("SHIM_LOG"))) log_fd = real_open(value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if ((value = getenv("SHIM_RECORD"))) record_fd = real_open(value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    watch_renames();
}

/* The whole path if it is ours, in `room`. */
static const char *ours(int folder, const char *path, char *room) {
    if (!root || !path) return NULL;
    if (path[0] != '/') {
        char base[PATH_MAX];
        if (folder == AT_FDCWD) {
            if (!getcwd(base, sizeof base)) return NULL;
        } else if (folder >= 0 && folder < MAX_FILES && names[folder]) {
            snprintf(base, sizeof base, "%s", names[folder]);
        } else {
            return NULL;
        }
        if (snprintf(room, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return NULL;
    } else if (snprintf(room, PATH_MAX, "%s", path) >= PATH_MAX) {
        return NULL;
    }
    if (strncmp(room, root, root_length) != 0 || (room[root_length] != '/' && room[root_length] != 0)) return NULL;
    /* The index for searching is no part of filing: it is made again, and a failure there is only logged. */
    if (strncmp(room + root_length, "/.chancery/search", 17) == 0) return NULL;
    return room;
}

static const char *ours_open(int fd) {
    return root && fd >= 0 && fd < MAX_FILES ? names[fd] : NULL;
}

static int counts(const char *call) {
    if (!calls) return 1;
    size_t length = strlen(call);
    for (const char *found = calls; (found = strstr(found, call)); found += length) {
        int begins = found == calls || found[-1] == ',';
        if (begins && (found[length] == 0 || found[length] == ',')) return 1;
    }
    return 0;
}

/* Counts a call on a path of ours; 1 if it is to fail. */
static int strikes(const char *call, const char *path) {
    int strike = 0;
    if (!path || !counts(call)) return 0;
    pthread_mutex_lock(&lock);
    number++;
    strike = at > 0 && number >= at && (times == 0 || number < at + times);
    if (log_fd >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%ld\t%s\t%s\t%s\n", number, call, path, strike ? "struck" : "");
        put(log_fd, line, (size_t)length);
    }
    pthread_mutex_unlock(&lock);
    return strike;
}

static int refuses(const char *call, const char *path) {
    if (!strikes(call, path) || fails_with == 0) return 0;
    errno = fails_with;
    return 1;
}

static void record(const char *op, int id, const char *path, const char *other, long long offset, const void *bytes, size_t length) {
    if (record_fd < 0) return;
    char line[2 * PATH_MAX + 128];
    int saved = errno;
    pthread_mutex_lock(&lock);
    int head = snprintf(line, sizeof line, "%s\t%d\t%s\t%s\t%lld\t%zu\n", op, id, path ? path : "", other ? other : "", offset, length);
    put(record_fd, line, (size_t)head);
    if (length > 0) put(record_fd, bytes, length);
    pthread_mutex_unlock(&lock);
    errno = saved;
}

/* --- files ---------------------------------------------------------------------------------------------------------- */

static int opened(int fd, const char *path, int flags, int existed) {
    if (fd < 0 || fd >= MAX_FILES) return fd;
    pthread_mutex_lock(&lock);
    free(names[fd]);
    names[fd] = path ? strdup(path) : NULL;
    ids[fd] = ++next_id;
    int id = ids[fd];
    pthread_mutex_unlock(&lock);
    if (path) record("open", id, path, existed ? ((flags & O_TRUNC) ? "truncated" : "") : "made", 0, NULL, 0);
    return fd;
}

static int open_at(int folder, const char *path, int flags, int mode) {
    REAL(int, "openat64", int, const char *, int, ...);
    char room[PATH_MAX];
    const char *whole = ours(folder, path, room);
    if (refuses("open", whole)) return -1;
    struct stat state;
    int existed = !whole || !(flags & O_CREAT) || lstat(whole, &state) == 0;
    return opened(real(folder, path, flags, mode), whole, flags, existed);
}

#define MODE(flags) int mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, int); va_end(rest); }

int open(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return open_at(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return open_at(folder, path, flags, mode); }

int close(int fd) {
    REAL(int, "close", int);
    if (fd >= 0 && fd < MAX_FILES) {
        pthread_mutex_lock(&lock);
        free(names[fd]);
        names[fd] = NULL;
        pthread_mutex_unlock(&lock);
    }
    return real(fd);
}

DIR *opendir(const char *path) {
    REAL(DIR *, "opendir", const char *);
    char room[PATH_MAX];
    if (refuses("opendir", ours(AT_FDCWD, path, room))) return NULL;
    return real(path);
}

ssize_t read(int fd, void *bytes, size_t length) {
    REAL(ssize_t, "read", int, void *, size_t);
    return refuses("read", ours_open(fd)) ? -1 : real(fd, bytes, length);
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset) {
    REAL(ssize_t, "pread64", int, void *, size_t, off64_t);
    return refuses("read", ours_open(fd)) ? -1 : real(fd, bytes, length, offset);
}

/* How much is written: half where the call is chosen to be short, nothing (-1) where it is to fail. */
static ssize_t as_much(const char *path, size_t length) {
    if (!strikes("write", path)) return (ssize_t)length;
    if (fails_with == 0) return (ssize_t)(length > 1 ? length / 2 : length);
    errno = fails_with;
    return -1;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(ssize_t, "write", int, const void *, size_t);
    const char *path = ours_open(fd);
    ssize_t some = as_much(path, length);
    if (some < 0) return -1;
    ssize_t done = real(fd, bytes, (size_t)some);
    if (path && done > 0) record("write", ids[fd], path, "", (long long)lseek64(fd, 0, SEEK_CUR) - done, bytes, (size_t)done);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    const char *path = ours_open(fd);
    ssize_t some = as_much(path, length);
    if (some < 0) return -1;
    ssize_t done = real(fd, bytes, (size_t)some, offset);
    if (path && done > 0) record("write", ids[fd], path, "", offset, bytes, (size_t)done);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

static int synced(const char *call, int fd) {
    REAL(int, "fdatasync", int);
    if (refuses(call, ours_open(fd))) return -1;
    int done = real(fd);
    if (ours_open(fd) && done == 0) record("sync", ids[fd], ours_open(fd), "", 0, NULL, 0);
    return done;
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }

int ftruncate64(int fd, off64_t length) {
    REAL(int, "ftruncate64", int, off64_t);
    if (refuses("ftruncate", ours_open(fd))) return -1;
    int done = real(fd, length);
    if (ours_open(fd) && done == 0) record("truncate", ids[fd], ours_open(fd), "", length, NULL, 0);
    return done;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

/* Locks. `flock` is the program's, the other SQLite's. */
int flock(int fd, int operation) {
    REAL(int, "flock", int, int);
    return refuses("flock", ours_open(fd)) ? -1 : real(fd, operation);
}

static int control(int fd, int command, void *argument) {
    REAL(int, "fcntl64", int, int, ...);
    int locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
    return locks && refuses("fcntl", ours_open(fd)) ? -1 : real(fd, command, argument);
}

#define ARGUMENT(command) void *argument; va_list rest; va_start(rest, command); argument = va_arg(rest, void *); va_end(rest);

int fcntl(int fd, int command, ...) { ARGUMENT(command) return control(fd, command, argument); }
int fcntl64(int fd, int command, ...) { ARGUMENT(command) return control(fd, command, argument); }

/* --- names ---------------------------------------------------------------------------------------------------------- */

/* In the sixth argument, which no rename has: the call is ours and goes through. */
#define OURS 0x5a1db0c5UL

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    char from_room[PATH_MAX], to_room[PATH_MAX];
    const char *whole_from = ours(from_folder, from, from_room), *whole_to = ours(to_folder, to, to_room);
    if (refuses(flags ? "renameat2" : "rename", whole_to)) return -1;
    int done = (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags, OURS);
    if (done == 0 && whole_from && whole_to) record("rename", 0, whole_from, whole_to, 0, NULL, 0);
    return done;
}

int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_folder, const char *from, int to_folder, const char *to) { return renameat2(from_folder, from, to_folder, to, 0); }

#if defined(__x86_64__)
#define ARGUMENT_OF(state, index) ((state)->uc_mcontext.gregs[((const int[]){REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8})[index]])
#define RESULT_OF(state) ((state)->uc_mcontext.gregs[REG_RAX])
#elif defined(__aarch64__)
#define ARGUMENT_OF(state, index) ((state)->uc_mcontext.regs[index])
#define RESULT_OF(state) ((state)->uc_mcontext.regs[0])
#else
#error "not known how this machine calls its kernel"
#endif

static void renames(int signal, siginfo_t *info, void *context) {
    ucontext_t *state = context;
    (void)signal;
    int saved = errno, done;
#define WORD(index) ARGUMENT_OF(state, index)
#define TEXT(index) ((const char *)WORD(index))
#ifdef SYS_rename
    if (info->si_syscall == SYS_rename) done = rename(TEXT(0), TEXT(1));
    else
#endif
    done = renameat2((int)WORD(0), TEXT(1), (int)WORD(2), TEXT(3), info->si_syscall == SYS_renameat2 ? (unsigned)WORD(4) : 0);
    RESULT_OF(state) = done == 0 ? 0 : -errno;
    errno = saved;
}

static void watch_renames(void) {
    struct sigaction action = {.sa_sigaction = renames, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSYS, &action, NULL);
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef SYS_rename
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rename, 3, 0),
#else
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 3, 0),
#endif
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OURS, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
    };
    struct sock_fprog filter = {.len = sizeof steps / sizeof *steps, .filter = steps};
    /* Without it the calls would pass unseen, and a test would prove nothing. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) abort();
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    REAL(int, "linkat", int, const char *, int, const char *, int);
    char from_room[PATH_MAX], to_room[PATH_MAX];
    const char *whole_from = ours(from_folder, from, from_room), *whole_to = ours(to_folder, to, to_room);
    if (refuses("link", whole_to)) return -1;
    int done = real(from_folder, from, to_folder, to, flags);
    if (done == 0 && whole_from && whole_to) record("link", 0, whole_from, whole_to, 0, NULL, 0);
    return done;
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int folder, const char *path, int flags) {
    REAL(int, "unlinkat", int, const char *, int);
    char room[PATH_MAX];
    const char *whole = ours(folder, path, room);
    if (refuses((flags & AT_REMOVEDIR) ? "rmdir" : "unlink", whole)) return -1;
    int done = real(folder, path, flags);
    if (done == 0 && whole) record("unlink", 0, whole, "", 0, NULL, 0);
    return done;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int folder, const char *path, mode_t mode) {
    REAL(int, "mkdirat", int, const char *, mode_t);
    char room[PATH_MAX];
    const char *whole = ours(folder, path, room);
    if (refuses("mkdir", whole)) return -1;
    int done = real(folder, path, mode);
    if (done == 0 && whole) record("mkdir", 0, whole, "", 0, NULL, 0);
    return done;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
