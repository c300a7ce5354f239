package import FailoverWire
import FoundationEssentials

/// Reads recordings from a disk: a file, or all files of a ring.
package enum RecordingFiles {
    /// Everything that is read at once; a ring has 64 MiB unless somebody wants more.
    package static let maximumBytes = 2 * 1_073_741_824

    /// The recording in the file at `path`, or in all files of the folder there that end in `.jsonl`, by name.
    package static func load(_ path: String) throws(RecordingError) -> Recording {
        let files = try files(at: path)
        guard !files.isEmpty else {
            throw RecordingError(
                file: path,
                line: nil,
                found: "no recording in it",
                allowed: "files that end in .jsonl"
            )
        }
        var reader = RecordingReader()
        var total = 0
        for file in files {
            let bytes = try bytes(of: file, limit: maximumBytes - total)
            total += bytes.count
            try reader.read(bytes, file: file)
        }
        return reader.recording
    }

    private static func files(at path: String) throws(RecordingError) -> [String] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw RecordingError(file: path, line: nil, found: "nothing", allowed: "a recording, or a folder of them")
        }
        guard isFolder else { return [path] }
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            return names.filter { $0.hasSuffix(".jsonl") }.sorted().map { "\(path)/\($0)" }
        } catch {
            let found = "an error while reading (\(error))"
            throw RecordingError(file: path, line: nil, found: found, allowed: "a readable folder")
        }
    }

    private static func bytes(of file: String, limit: Int) throws(RecordingError) -> [UInt8] {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw RecordingError(file: file, line: nil, found: "no regular file", allowed: "a readable file")
            }
            let size = attributes[.size] as? Int ?? 0
            guard size <= limit else {
                let found = "\(size) bytes more"
                throw RecordingError(file: file, line: nil, found: found, allowed: "\(maximumBytes) bytes in all")
            }
            return Array(try Data(contentsOf: URL(filePath: file)))
        } catch let error as RecordingError {
            throw error
        } catch {
            let found = "an error while reading (\(error))"
            throw RecordingError(file: file, line: nil, found: found, allowed: "a readable file")
        }
    }
}
