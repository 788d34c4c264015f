/*
 * Preloaded into the server (LD_PRELOAD): records what the process does to the files of one folder, and ends the process at a chosen call.
 *
 * `kill -9` alone is no power cut: what was written stays in the page cache. From this record the files can be rebuilt as a disk would have
 * them: what was synced, and any part of what was not (disk-image.ts).
 *
 *   OR3_POWER_DIR   the folder, as realpath gives it, without a slash at the end. Files in it whose name ends in "-shm" are left out: SQLite
 *                   rebuilds them.
 *   OR3_POWER_LOG   the file to append the record to. It must be outside of the folder.
 *   OR3_POWER_CUT   the process ends with SIGKILL before the call of this number (from 1) is recorded or carried out. 0: never.
 *
 * A record: kind (1 byte), length of the name (4), offset or size (8), length of the data (4), name, data. Numbers are little-endian.
 * Kinds: C created, W written, T truncated, S synced, U unlinked, R renamed (data: new name), D the folder was synced, X a call that changes
 * a file in a way that is not recorded (data: its name); then the record is useless.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FDS 65536

static char folder[PATH_MAX];
static size_t folder_length;
static int log_fd = -1;
static long cut_at, calls;
/* The name of the watched file that is open under this number. "" is the folder itself. */
static char *names[MAX_FDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name, type, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void) {
  const char *dir = getenv("OR3_POWER_DIR"), *log = getenv("OR3_POWER_LOG"), *cut = getenv("OR3_POWER_CUT");
  if (!dir || !log || strlen(dir) >= sizeof folder) return;
  cut_at = cut ? atol(cut) : 0;
  REAL("open64", int, const char *, int, ...);
  log_fd = real(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  strcpy(folder, dir);
  folder_length = strlen(dir);
}

/* The name of the path in the folder, "" for the folder itself. NULL: not watched. */
static const char *watched(const char *path) {
  if (log_fd < 0 || !path || strncmp(path, folder, folder_length) != 0) return NULL;
  if (path[folder_length] == 0) return path + folder_length;
  if (path[folder_length] != '/') return NULL;
  const char *name = path + folder_length + 1;
  size_t length = strlen(name);
  if (length >= 4 && strcmp(name + length - 4, "-shm") == 0) return NULL;
  return name;
}

static const char *name_of(int fd) {
  return fd >= 0 && fd < MAX_FDS ? names[fd] : NULL;
}

/* Appends one record, with one call, so that a record is there in full or at the very end of the log. The caller holds the lock. */
static void record(char kind, const char *name, uint64_t offset, const void *data, uint32_t length) {
  if (++calls == cut_at) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  uint32_t name_length = (uint32_t)strlen(name);
  unsigned char head[17];
  head[0] = (unsigned char)kind;
  memcpy(head + 1, &name_length, 4);
  memcpy(head + 5, &offset, 8);
  memcpy(head + 13, &length, 4);
  struct iovec parts[3] = {{head, sizeof head}, {(void *)name, name_length}, {(void *)data, length}};
  REAL("writev", ssize_t, int, const struct iovec *, int);
  /* Half a record could not be told from a cut, so nothing goes on without it. */
  if (real(log_fd, parts, 3) != (ssize_t)(sizeof head + name_length + length)) abort();
}

static void unsupported(const char *name, const char *call) {
  pthread_mutex_lock(&lock);
  record('X', name, 0, call, (uint32_t)strlen(call));
  pthread_mutex_unlock(&lock);
}

/* Recorded before the call, so that a cut comes before both. */
static void record_open(const char *path, const char *name, int flags) {
  if ((flags & O_CREAT) && access(path, F_OK) != 0) record('C', name, 0, NULL, 0);
  else if (flags & O_TRUNC) record('T', name, 0, NULL, 0);
}

#define OPEN(function) \
  int function(const char *path, int flags, ...) { \
    REAL(#function, int, const char *, int, ...); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    const char *name = watched(path); \
    if (!name) return real(path, flags, mode); \
    pthread_mutex_lock(&lock); \
    record_open(path, name, flags); \
    int fd = real(path, flags, mode); \
    if (fd >= 0 && fd < MAX_FDS) { \
      free(names[fd]); \
      names[fd] = strdup(name); \
    } \
    pthread_mutex_unlock(&lock); \
    return fd; \
  }
OPEN(open)
OPEN(open64)

int openat(int dir, const char *path, int flags, ...) {
  REAL("openat", int, int, const char *, int, ...);
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (watched(path) && (flags & O_ACCMODE) != O_RDONLY) unsupported(watched(path), "openat");
  return real(dir, path, flags, mode);
}

int close(int fd) {
  REAL("close", int, int);
  if (!name_of(fd)) return real(fd);
  pthread_mutex_lock(&lock);
  free(names[fd]);
  names[fd] = NULL;
  int result = real(fd);
  pthread_mutex_unlock(&lock);
  return result;
}

/* Recorded with the whole length: on a write that is cut short, SQLite goes on where it ended, and that is recorded again. */
#define PWRITE(function, offset_type) \
  ssize_t function(int fd, const void *data, size_t length, offset_type offset) { \
    REAL(#function, ssize_t, int, const void *, size_t, offset_type); \
    const char *name = name_of(fd); \
    if (!name) return real(fd, data, length, offset); \
    pthread_mutex_lock(&lock); \
    record('W', name, (uint64_t)offset, data, (uint32_t)length); \
    ssize_t result = real(fd, data, length, offset); \
    pthread_mutex_unlock(&lock); \
    return result; \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATE(function, size_type) \
  int function(int fd, size_type size) { \
    REAL(#function, int, int, size_type); \
    const char *name = name_of(fd); \
    if (!name) return real(fd, size); \
    pthread_mutex_lock(&lock); \
    record('T', name, (uint64_t)size, NULL, 0); \
    int result = real(fd, size); \
    pthread_mutex_unlock(&lock); \
    return result; \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

/* The real sync is left out. The record says what a disk would have from here on, and the machine's own disk is not under test. */
#define SYNC(function) \
  int function(int fd) { \
    REAL(#function, int, int); \
    const char *name = name_of(fd); \
    if (!name) return real(fd); \
    pthread_mutex_lock(&lock); \
    record(name[0] ? 'S' : 'D', name, 0, NULL, 0); \
    pthread_mutex_unlock(&lock); \
    return 0; \
  }
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
  REAL("unlink", int, const char *);
  const char *name = watched(path);
  if (!name || access(path, F_OK) != 0) return real(path);
  pthread_mutex_lock(&lock);
  record('U', name, 0, NULL, 0);
  int result = real(path);
  pthread_mutex_unlock(&lock);
  return result;
}

int rename(const char *from, const char *to) {
  REAL("rename", int, const char *, const char *);
  const char *old = watched(from), *new = watched(to);
  if (!old && !new) return real(from, to);
  if (!old || !new) unsupported(old ? old : new, "rename across folders");
  pthread_mutex_lock(&lock);
  record('R', old ? old : from, 0, new ? new : to, (uint32_t)strlen(new ? new : to));
  int result = real(from, to);
  pthread_mutex_unlock(&lock);
  return result;
}

ssize_t write(int fd, const void *data, size_t length) {
  REAL("write", ssize_t, int, const void *, size_t);
  if (name_of(fd)) unsupported(name_of(fd), "write");
  return real(fd, data, length);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL("writev", ssize_t, int, const struct iovec *, int);
  if (name_of(fd)) unsupported(name_of(fd), "writev");
  return real(fd, parts, count);
}

int truncate(const char *path, off_t size) {
  REAL("truncate", int, const char *, off_t);
  if (watched(path)) unsupported(watched(path), "truncate");
  return real(path, size);
}

#define MMAP(function, offset_type) \
  void *function(void *at, size_t length, int protection, int flags, int fd, offset_type offset) { \
    REAL(#function, void *, void *, size_t, int, int, int, offset_type); \
    if (name_of(fd) && (protection & PROT_WRITE) && (flags & MAP_SHARED)) unsupported(name_of(fd), "mmap"); \
    return real(at, length, protection, flags, fd, offset); \
  }
MMAP(mmap, off_t)
MMAP(mmap64, off64_t)
