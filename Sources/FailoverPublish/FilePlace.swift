import Glibc

/// A file's path, split where it matters: the directory that is written to, and the name in it.
struct FilePlace: Hashable, Sendable {
    let path: String
    /// `.` for a bare name.
    let directory: String
    let name: String

    /// Longest name that leaves room for what a temporary name adds to it.
    static let maximumNameBytes = 200

    init(_ path: String) throws(FileError) {
        func refusal(_ detail: String, _ code: Int32 = EINVAL) -> FileError {
            FileError(path: path.isEmpty ? "\"\"" : path, operation: .use, errno: code, detail: detail)
        }
        guard !path.utf8.contains(0) else { throw refusal("the path holds a NUL byte") }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, !name.isEmpty, name != "." else { throw refusal("the path names no file") }
        guard !parts.contains("..") else { throw refusal("the path holds \"..\"; give it without") }
        guard name.utf8.count <= Self.maximumNameBytes else {
            throw refusal("the name is longer than \(Self.maximumNameBytes) bytes", ENAMETOOLONG)
        }
        let directory = parts.dropLast().joined(separator: "/")
        self.path = path
        self.name = String(name)
        self.directory = directory.isEmpty ? (parts.count > 1 ? "/" : ".") : directory
    }

    /// A name beside this file.
    func sibling(_ name: String) -> String {
        switch directory {
        case ".": name
        case "/": "/" + name
        default: directory + "/" + name
        }
    }
}
