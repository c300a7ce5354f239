import FailoverCore
import FoundationEssentials

/// Reads recordings, one file after the other.
///
/// A file may hold several recordings, one after the other: each begins with its header.
package struct RecordingReader {
    package private(set) var recording = Recording()
    private var header: RecordingHeader?
    private var origin = MonotonicInstant.seconds(0)
    private var last: MonotonicInstant?

    package init() {}

    /// Adds what a file holds.
    ///
    /// A torn last line, as a crash leaves it, is passed over and noted; anything else that is wrong is thrown.
    package mutating func read(_ bytes: [UInt8], file: String) throws(RecordingError) {
        // What follows in another file belongs to this one only if its header says so.
        if !recording.sections.isEmpty { last = nil }
        var number = 0
        var rest = bytes[...]
        while !rest.isEmpty {
            number += 1
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let line = rest[..<(end ?? rest.endIndex)]
            rest = end.map { rest[($0 + 1)...] } ?? []
            guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
            do throws(LineFault) {
                try read(line, isFirst: number == 1)
            } catch {
                guard end == nil, error.isCutOff, !recording.sections.isEmpty else {
                    let fault = (error.field, error.found, error.allowed)
                    throw RecordingError(file: file, line: number, field: fault.0, found: fault.1, allowed: fault.2)
                }
                recording.sections[recording.sections.count - 1].torn = "\(file):\(number)"
            }
        }
    }

    private mutating func read(_ bytes: ArraySlice<UInt8>, isFirst: Bool) throws(LineFault) {
        let line = try RecordingLine(bytes)
        if line["schema"] != nil { return begin(try Self.header(line)) }
        if recording.sections.isEmpty || (isFirst && last == nil) {
            header = nil
            origin = .seconds(0)
            recording.sections.append(RecordedSection(header: nil))
        }
        let entry = try RecordedEntry(line, origin: origin)
        if let last, entry.at < last {
            let earliest = "\((last - origin).inSeconds.formatted(decimals: 6)) or later"
            throw LineFault(field: "t", found: line["t"]?.found ?? "nothing", allowed: earliest)
        }
        last = entry.at
        recording.sections[recording.sections.count - 1].entries.append(entry)
    }

    /// A file that goes on from the one before makes no new section.
    private mutating func begin(_ next: RecordingHeader) {
        let isContinuation =
            next.instance != nil && next.instance == header?.instance && next.continues != nil
            && next.continues == header?.segment && recording.sections.last?.torn == nil
        if !isContinuation {
            recording.sections.append(RecordedSection(header: next))
            last = nil
        } else {
            last = recording.sections.last?.entries.last?.at
        }
        header = next
        origin = next.origin
    }

    private static func header(_ line: RecordingLine) throws(LineFault) -> RecordingHeader {
        let schema = try line.required("schema")
        guard schema == Recording.schema else {
            throw LineFault(field: "schema", found: "\"\(schema.prefix(64))\"", allowed: "\"\(Recording.schema)\"")
        }
        var header = RecordingHeader(
            vantage: try line.text("vantage"),
            configHash: try line.text("config_hash"),
            origin: MonotonicInstant(nanoseconds: try line.seconds("origin") ?? 0),
            instance: try line.text("instance"),
            segment: try line.whole("segment"),
            continues: try line.whole("continues"),
            isComplete: try line.flag("complete") ?? false
        )
        if case .string(let seed)? = line["seed"] { header.seed = UInt64(seed, radix: 16) }
        if let text = try line.text("started_at") {
            guard let time = WallTime(text) else {
                throw LineFault(
                    field: "started_at",
                    found: "\"\(text.prefix(40))\"",
                    allowed: "a time in RFC 3339, UTC"
                )
            }
            header.startedAt = time
        }
        if case .nested(let bytes)? = line["snapshot"] {
            do {
                header.snapshot = try Wire.decode(MemoryDocument.self, from: Data(bytes))
            } catch {
                let allowed = "null, or what memory.json holds (\(MemoryDocument.schema))"
                throw LineFault(field: "snapshot", found: "something else", allowed: allowed)
            }
        }
        return header
    }
}
