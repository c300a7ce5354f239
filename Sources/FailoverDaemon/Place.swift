import FailoverCore
import FailoverPublish
import Glibc

/// The files of one daemon: made if they are missing, and locked against a second one for as long as the value lives.
struct Place: Sendable {
    let stateFile: StateFilePublisher
    let memory: MemoryStore
    let transitions: TransitionLog
    let spending: SpendStore
    let baselines: BaselineStore
    private let stateLock: StateLock
    private let directoryLock: StateLock

    /// Throws `DaemonError` when a directory cannot be made or another daemon is there.
    init(outputs: OutputConfiguration) throws(DaemonError) {
        try Self.makeDirectory(Self.parent(of: outputs.stateFile), mode: 0o755)
        try Self.makeDirectory(Self.parent(of: outputs.socket), mode: 0o755)
        try Self.makeDirectory(outputs.stateDirectory, mode: 0o750)
        stateLock = try Self.lock { () throws(LockError) in try StateLock.forStateFile(outputs.stateFile) }
        directoryLock = try Self.lock { () throws(LockError) in
            try StateLock.forStateDirectory(outputs.stateDirectory)
        }
        do throws(FileError) {
            stateFile = try StateFilePublisher(stateFile: outputs.stateFile)
            try stateFile.removeLeftovers()
        } catch {
            throw DaemonError(.cannotCreate, [error.description])
        }
        memory = MemoryStore(directory: outputs.stateDirectory)
        transitions = TransitionLog(directory: outputs.stateDirectory)
        spending = SpendStore(directory: outputs.stateDirectory)
        baselines = BaselineStore(directory: outputs.stateDirectory)
    }

    private static func lock(_ take: () throws(LockError) -> StateLock) throws(DaemonError) -> StateLock {
        do throws(LockError) {
            return try take()
        } catch {
            switch error {
            case .held: throw DaemonError(.unavailable, [error.description])
            case .file: throw DaemonError(.cannotCreate, [error.description])
            }
        }
    }

    private static func parent(of path: String) -> String {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return parent.isEmpty ? "/" : parent
    }

    /// Makes the directory and those above it; one that exists is left as it is.
    private static func makeDirectory(_ path: String, mode: mode_t) throws(DaemonError) {
        var information = stat()
        if stat(path, &information) == 0 {
            guard information.st_mode & S_IFMT != S_IFDIR else { return }
            throw DaemonError(.cannotCreate, ["\(path) is in the way: a directory is needed there"])
        }
        if path != "/", path != "." { try makeDirectory(parent(of: path), mode: 0o755) }
        guard mkdir(path, mode) != 0, errno != EEXIST else { return }
        let error = FileError(path: path, operation: .create, errno: errno)
        throw DaemonError(.cannotCreate, [error.description])
    }
}
