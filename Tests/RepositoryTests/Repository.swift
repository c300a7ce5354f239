import Foundation

/// The checkout that these tests were built from.
struct Repository {
    let root: URL

    init(file: String = #filePath) {
        root = URL(fileURLWithPath: file).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    /// Files below a folder whose names end so, by path; hidden ones are left out.
    func files(in folder: String, endingWith suffixes: String...) -> [URL] {
        let base = root.appending(path: folder, directoryHint: .isDirectory)
        let walk = FileManager.default.enumerator(
            at: base,
            includingPropertiesForKeys: nil,
            options: [.skipsHiddenFiles]
        )
        return (walk?.compactMap { $0 as? URL } ?? [])
            .filter { file in suffixes.contains { file.lastPathComponent.hasSuffix($0) } }
            .sorted { $0.path < $1.path }
    }

    func folders(in folder: String) throws -> [String] {
        let base = root.appending(path: folder, directoryHint: .isDirectory)
        return try FileManager.default.contentsOfDirectory(at: base, includingPropertiesForKeys: [.isDirectoryKey])
            .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
            .map(\.lastPathComponent)
            .sorted()
    }

    func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

    func name(_ file: URL) -> String { String(file.path.dropFirst(root.path.count + 1)) }
}
