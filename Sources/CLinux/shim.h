// What the Glibc module leaves out: readiness of many sockets, a descriptor that wakes a waiting thread, names of threads,
// and how memory is kept.
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

/// Names the calling thread as `ps -L` and debuggers show it; at most 15 bytes.
static inline void linux_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
