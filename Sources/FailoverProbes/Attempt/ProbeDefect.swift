/// Why a probe cannot run as it is configured: our own fault, in one line that names files but never what is in them.
struct ProbeDefect: Error, Hashable, Sendable {
    let detail: String
}
