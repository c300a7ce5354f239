import CSystemd
import Glibc

/// Descriptors that the service manager keeps open for us while we restart, crash or are upgraded.
///
/// Where the unit has no `FileDescriptorStoreMax=`, or there is no service manager, nothing is kept and nothing handed over.
package enum DescriptorStore {
    /// One descriptor with the name under which it was kept.
    package struct Entry: Hashable, Sendable {
        package let name: String
        package let descriptor: Int32

        package init(name: String, descriptor: Int32) {
            self.name = name
            self.descriptor = descriptor
        }
    }

    /// What was handed over at the start, in the manager's order; each is closed on exec, and its user's to close.
    ///
    /// Empty where nothing was, or where it was meant for another process.
    package static func inherited() -> [Entry] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        // The environment stays as it is: other threads may read it.
        let count = sd_listen_fds_with_names(0, &names)
        guard count > 0, let names else { return [] }
        defer {
            for index in 0..<Int(count) { free(names[index]) }
            free(names)
        }
        return (0..<Int(count)).map { index in
            // Source: SD_LISTEN_FDS_START, which is part of the protocol.
            Entry(name: names[index].map { String(cString: $0) } ?? "", descriptor: 3 + Int32(index))
        }
    }

    /// Hands a copy of the descriptor over, to be given to our successor under `name`: at most 255 ASCII characters without `:`.
    ///
    /// A socket must listen already: one that does not looks dead, and is dropped.
    @discardableResult
    package static func keep(_ descriptor: Int32, named name: String) -> NotifyOutcome {
        let result = withUnsafePointer(to: descriptor) {
            sd_pid_notify_with_fds(0, 0, "FDSTORE=1\nFDNAME=\(SystemdNotifier.oneLine(name))", $0, 1)
        }
        if result > 0 { return .sent }
        return result == 0 ? .unsupervised : .failed(errno: -result)
    }

    /// Has the manager close everything of that name.
    @discardableResult
    package static func forget(_ name: String) -> NotifyOutcome {
        let result = sd_notify(0, "FDSTOREREMOVE=1\nFDNAME=\(SystemdNotifier.oneLine(name))")
        if result > 0 { return .sent }
        return result == 0 ? .unsupervised : .failed(errno: -result)
    }
}
