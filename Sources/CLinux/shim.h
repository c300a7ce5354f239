// What the Glibc module leaves out: readiness of many sockets, a descriptor that wakes a waiting thread, names of threads,
// and how memory is kept.
#include <malloc.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

/// Names the calling thread as `ps -L` and debuggers show it; at most 15 bytes.
static inline void linux_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// Declared by the system's header only for those who ask for all of GNU.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);

/// Lets a child begin in the root directory, with no descriptor from `first` on.
static inline int linux_isolate_child(posix_spawn_file_actions_t *actions, int first) {
    int code = posix_spawn_file_actions_addclosefrom_np(actions, first);
    return code ? code : posix_spawn_file_actions_addchdir_np(actions, "/");
}
