import CLinux
import FailoverPublish
import FailoverWire
import Glibc

extension ProcessFigures {
    /// What the system says now; `startTime` in seconds since 1970.
    static func now(startTime: Double) -> ProcessFigures {
        var figures = ProcessFigures()
        figures.startTime = startTime
        if let stat = contents(of: "/proc/self/stat"), let end = stat.lastIndex(of: ")") {
            // The third field comes first: the second, the name, may hold anything.
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
            let page = UInt64(max(1, sysconf(Int32(_SC_PAGESIZE))))
            if fields.count > 21, ticks > 0 {
                figures.cpuSeconds = ((Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)) / ticks
                figures.threads = Int(fields[17])
                figures.virtualBytes = UInt64(fields[20])
                figures.residentBytes = UInt64(fields[21]).map { $0 * page }
            }
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.maximumDescriptors = UInt64(limit.rlim_cur)
        }
        figures.openDescriptors = entries(of: "/proc/self/fd")
        return figures
    }

    /// The beginning of a small file of the system.
    private static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// Entries of a directory but its two own, and the one by which it is read.
    private static func entries(of path: String) -> Int? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var count = -3
        while readdir(directory) != nil { count += 1 }
        return count
    }
}
