import CSystemd
import Glibc

/// One field of a journal entry.
package struct JournalField: Hashable, Sendable {
    package let name: String
    /// May hold line breaks.
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Whether journald accepts the name: A-Z, 0-9 and `_`, not beginning with `_` or a digit, 1...64 bytes.
    ///
    /// journald drops any other field without a word.
    package var hasValidName: Bool {
        guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
        guard first != UInt8(ascii: "_"), !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
    }
}

/// Why an entry did not reach the journal.
package enum JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    case invalidFieldName(String)
    case failed(errno: Int32)

    package var description: String {
        switch self {
        case .invalidFieldName(let name):
            "\"\(name)\" is no journal field: allowed are at most 64 of A-Z, 0-9 and _, beginning with a letter"
        case .failed(let errno): "the journal refused an entry: \(String(cString: strerror(errno)))"
        }
    }
}

/// The system journal.
package enum Journal {
    /// Sends one entry with all of its fields, and waits while journald's socket is full: call it from a thread that may wait.
    ///
    /// Succeeds without effect if no journald listens; see ``isSocketPresent``.
    package static func send(_ fields: [JournalField]) throws(JournalError) {
        var buffer: [UInt8] = []
        var ends: [Int] = []
        for field in fields {
            guard field.hasValidName else { throw .invalidFieldName(field.name) }
            buffer += field.name.utf8
            buffer.append(UInt8(ascii: "="))
            buffer += field.value.utf8
            ends.append(buffer.count)
        }
        let result = buffer.withUnsafeMutableBytes { bytes in
            var start = 0
            var vectors: [iovec] = []
            for end in ends {
                vectors.append(iovec(iov_base: bytes.baseAddress?.advanced(by: start), iov_len: end - start))
                start = end
            }
            return sd_journal_sendv(vectors, Int32(vectors.count))
        }
        guard result >= 0 else { throw .failed(errno: -result) }
    }

    /// Whether a journald has made its socket.
    ///
    /// It may be gone while journald restarts.
    package static var isSocketPresent: Bool { access("/run/systemd/journal/socket", F_OK) == 0 }

    /// Whether what is written to `descriptor` goes to the journal.
    ///
    /// `journalStream` is the value of `JOURNAL_STREAM`, `DEVICE:INODE` in decimal; standard error is descriptor 2.
    package static func isConnected(_ descriptor: Int32, journalStream: String?) -> Bool {
        guard let parts = journalStream?.split(separator: ":", omittingEmptySubsequences: false), parts.count == 2,
            let device = UInt64(parts[0]), let inode = UInt64(parts[1])
        else { return false }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }
}
