/*
 * Makes system calls of a process fail, loaded in front of the C library: LD_PRELOAD=faults.so FAULT="write EIO 0 .csv".
 *
 * FAULT: the call (open, write, read, fsync, rename), the error, how many of these calls go well before, and what the
 * path holds. Paths of descriptors are those of /proc/self/fd.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_int calls;

/* The error to answer with, or 0. */
static int fault(const char *call, const char *path) {
  char wanted[16], error[16], part[256];
  int after;
  const char *text = getenv("FAULT");
  if (text == NULL || sscanf(text, "%15s %15s %d %255[^\n]", wanted, error, &after, part) != 4) return 0;
  if (strcmp(call, wanted) != 0 || strstr(path, part) == NULL) return 0;
  if (atomic_fetch_add(&calls, 1) < after) return 0;
  return strcmp(error, "ENOSPC") == 0 ? ENOSPC : strcmp(error, "EACCES") == 0 ? EACCES : EIO;
}

static int fault_at(const char *call, int descriptor) {
  char link[64], path[4096];
  if (getenv("FAULT") == NULL) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fault(call, path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define ON_DESCRIPTOR(type, name, call, parameters, arguments)                                                         \
  type name parameters {                                                                                               \
    int error = fault_at(call, descriptor);                                                                            \
    if (error != 0) {                                                                                                  \
      errno = error;                                                                                                   \
      return -1;                                                                                                       \
    }                                                                                                                  \
    return NEXT(name) arguments;                                                                                       \
  }

ON_DESCRIPTOR(ssize_t, write, "write", (int descriptor, const void *bytes, size_t length), (descriptor, bytes, length))
ON_DESCRIPTOR(ssize_t, pwrite, "write", (int descriptor, const void *bytes, size_t length, off_t at), (descriptor, bytes, length, at))
ON_DESCRIPTOR(ssize_t, pwrite64, "write", (int descriptor, const void *bytes, size_t length, off64_t at), (descriptor, bytes, length, at))
ON_DESCRIPTOR(ssize_t, writev, "write", (int descriptor, const struct iovec *parts, int count), (descriptor, parts, count))
ON_DESCRIPTOR(ssize_t, pwritev, "write", (int descriptor, const struct iovec *parts, int count, off_t at), (descriptor, parts, count, at))
ON_DESCRIPTOR(ssize_t, pwritev64, "write", (int descriptor, const struct iovec *parts, int count, off64_t at), (descriptor, parts, count, at))
ON_DESCRIPTOR(ssize_t, read, "read", (int descriptor, void *bytes, size_t length), (descriptor, bytes, length))
ON_DESCRIPTOR(ssize_t, pread, "read", (int descriptor, void *bytes, size_t length, off_t at), (descriptor, bytes, length, at))
ON_DESCRIPTOR(ssize_t, pread64, "read", (int descriptor, void *bytes, size_t length, off64_t at), (descriptor, bytes, length, at))
ON_DESCRIPTOR(int, fsync, "fsync", (int descriptor), (descriptor))
ON_DESCRIPTOR(int, fdatasync, "fsync", (int descriptor), (descriptor))

int rename(const char *from, const char *to) {
  int error = fault("rename", from);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return NEXT(rename)(from, to);
}

#define OPENING(name)                                                                                                  \
  int name(const char *path, int flags, ...) {                                                                         \
    va_list list;                                                                                                      \
    va_start(list, flags);                                                                                             \
    mode_t mode = va_arg(list, mode_t);                                                                                \
    va_end(list);                                                                                                      \
    int error = fault("open", path);                                                                                   \
    if (error != 0) {                                                                                                  \
      errno = error;                                                                                                   \
      return -1;                                                                                                       \
    }                                                                                                                  \
    return NEXT(name)(path, flags, mode);                                                                              \
  }
OPENING(open)
OPENING(open64)
