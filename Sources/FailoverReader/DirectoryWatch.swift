import CLinux

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Waits until a file may have been renamed into a directory, a time is up, or somebody says stop.
///
/// One thread waits; any other may say stop, once.
struct DirectoryWatch: Sendable {
    /// The directory may be missing now, and may come.
    private let directory: String
    /// -1 if the system gives none: then only time wakes.
    private let changes: CInt
    private let end: CInt

    /// `nil` if the system has no descriptor left.
    ///
    /// - Parameter directory: `nil` if nothing but time is to wake.
    init?(directory: String?) {
        end = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
        guard end >= 0 else { return nil }
        self.directory = directory ?? ""
        changes = directory == nil ? -1 : inotify_init1(CInt(IN_CLOEXEC) | CInt(IN_NONBLOCK))
    }

    /// Whether a rename wakes at once.
    ///
    /// It asks for that anew each time: the directory goes when the service is stopped, and another one comes.
    func isWatching() -> Bool {
        guard changes >= 0 else { return false }
        return inotify_add_watch(changes, directory, UInt32(IN_MOVED_TO) | UInt32(IN_ONLYDIR)) >= 0
    }

    /// Waits for news.
    ///
    /// - Parameter limit: At most so long, in milliseconds.
    /// - Returns: `false` when it is to stop.
    func wait(atMost limit: Int) -> Bool {
        var waiting = [
            pollfd(fd: end, events: Int16(POLLIN), revents: 0), pollfd(fd: changes, events: Int16(POLLIN), revents: 0),
        ]
        // A negative descriptor is passed over.
        _ = poll(&waiting, nfds_t(waiting.count), CInt(clamping: max(0, limit)))
        if waiting[0].revents != 0 { return false }
        if waiting[1].revents != 0 { drain() }
        return true
    }

    private func drain() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while read(changes, &buffer, buffer.count) > 0 {}
    }

    func stop() {
        var one: UInt64 = 1
        _ = write(end, &one, MemoryLayout<UInt64>.size)
    }

    /// To be called by the one that waited, after it has been told to stop.
    func close() {
        if changes >= 0 { _ = closeDescriptor(changes) }
        _ = closeDescriptor(end)
    }
}

/// The system's, which a method of the same name would hide.
private func closeDescriptor(_ descriptor: CInt) -> CInt { close(descriptor) }
