import Glibc

/// Why a lock was not taken.
package enum LockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process publishes there; its number is `nil` in the moment before it has written it.
    case held(path: String, by: Int32?)
    case file(FileError)

    package var description: String {
        switch self {
        case .held(let path, let holder):
            "another failoverd \(holder.map { "(process \($0)) " } ?? "")holds \(path): "
                + "two daemons must not publish one decision"
        case .file(let error): error.description
        }
    }
}

/// The right to publish, held until the process ends or the value is released.
///
/// The lock file stays when the lock is gone: removing it would let two processes lock two files of one name. It is
/// readable by its owner only, because whoever can open a file can lock it.
package final class StateLock: Sendable {
    /// Of the lock file.
    package let path: String
    private let descriptor: Int32

    /// Keeps a second daemon from publishing to `stateFile`.
    package static func forStateFile(_ stateFile: String) throws(LockError) -> StateLock {
        try StateLock(at: stateFile + ".lock")
    }

    /// Keeps a second daemon from using the memory in `directory`.
    package static func forStateDirectory(_ directory: String) throws(LockError) -> StateLock {
        try StateLock(at: directory + "/lock")
    }

    private init(at path: String) throws(LockError) {
        // Nothing may throw once the descriptor is ours to close.
        descriptor = try Self.lockedDescriptor(at: path)
        self.path = path
        // The number is for people; a full disk does not make the lock any weaker.
        let text = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    private static func lockedDescriptor(at path: String) throws(LockError) -> Int32 {
        do throws(FileError) { _ = try FilePlace(path) } catch { throw .file(error) }
        let descriptor: Int32
        do throws(SystemError) {
            descriptor = try retrying {
                open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
            }
        } catch {
            throw .file(error.on(path, .open))
        }
        do throws(SystemError) { _ = try retrying { flock(descriptor, LOCK_EX | LOCK_NB) } } catch {
            let holder = holder(of: descriptor)
            close(descriptor)
            throw error.errno == EWOULDBLOCK ? .held(path: path, by: holder) : .file(error.on(path, .lock))
        }
        return descriptor
    }

    deinit {
        // A child that has not yet become another program holds the descriptor too, and must not keep the lock alive.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(of descriptor: Int32) -> Int32? {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: buffer[..<count], as: UTF8.self).prefix { $0.isNumber })
    }
}
