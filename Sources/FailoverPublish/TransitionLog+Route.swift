package import FailoverWire
import FoundationEssentials

extension TransitionLog {
    /// All that is kept about a route, oldest first: at most the two files, as ``last(_:)`` reads them.
    ///
    /// May be called while another thread appends: what moves from the one file to the other meanwhile is told once.
    package func transitions(of route: String) throws(FileError) -> [EventDocument] {
        let mark = Array("\"route\":\"\(route)\"".utf8)
        var newestFirst: [EventDocument] = []
        var known: Set<String> = []
        for path in paths {
            let lines = try tail(of: path).split(separator: UInt8(ascii: "\n"))
            for line in lines.reversed() {
                // Reading a line takes far longer than seeing that it is about something else.
                guard line.contains(mark), let event = try? Wire.decode(EventDocument.self, from: Data(line)),
                    event.route == route, known.insert(event.id).inserted
                else { continue }
                newestFirst.append(event)
            }
        }
        return newestFirst.reversed()
    }
}
