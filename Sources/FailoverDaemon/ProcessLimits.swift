import CLinux
import Glibc
import NIOCore

/// What this process asks of the system for itself.
enum ProcessLimits {
    /// Takes as many open files and connections as the system allows.
    ///
    /// The usual soft limit of 1,024 is for programs that still use `select`; each probe under way needs one descriptor.
    static func raiseDescriptors() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        // Refused only by a policy from outside, and then the soft limit holds as before.
        _ = setrlimit(resource, &limit)
    }

    /// Lets all threads share two pools of memory.
    ///
    /// By default each thread gets one, and what one frees, another cannot use: with 10,000 endpoints a quarter of the
    /// memory was such gaps. Call it before there are threads.
    static func shareMemoryPools() { mallopt(M_ARENA_MAX, 2) }

    /// Keeps the control socket on one thread: it answers people, and probes have loops of their own.
    ///
    /// Call it before the first use of those threads.
    static func limitThreads() { NIOSingletons.groupLoopCountSuggestion = 1 }

    /// Gives back what reading a configuration has used and freed.
    static func returnFreeMemory() { malloc_trim(0) }
}
