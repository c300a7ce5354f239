import ArgumentParser
import FailoverControl
import FailoverWire
import FoundationEssentials

/// Names from the running daemon, for the shell's completion: none if it does not answer at once.
extension CompletionKind {
    static let routeNames = names { $0.routes.keys.sorted() }
    static let endpointNames = names { $0.endpoints.keys.sorted() }
    static let regionNames = names { Set($0.endpoints.values.map(\.region)).sorted() }

    /// A shell that waits for longer than this is taken for one that hangs.
    private static let patience = Duration.seconds(1)

    private static func names(_ pick: @escaping @Sendable (StateDocument) -> [String]) -> CompletionKind {
        .custom { words, _, _ in
            let client = ControlClient(socketPath: ConnectionOptions.path(named: socket(in: words)), timeout: patience)
            do throws(ControlClientError) {
                return pick(try await client.status())
            } catch {
                return []
            }
        }
    }

    /// The value of `--socket` on the line that is being typed.
    private static func socket(in words: [String]) -> String? {
        if let joined = words.last(where: { $0.hasPrefix("--socket=") }) { return String(joined.dropFirst(9)) }
        guard let index = words.lastIndex(of: "--socket"), index + 1 < words.count else { return nil }
        return words[index + 1]
    }
}
