/// Why a name did not become addresses.
package enum LookupFailure: Error, Hashable, Sendable {
    /// The name does not exist, or has no address.
    case notFound
    /// Our resolver did not do its work, with words for it.
    case resolver(String)
    /// Our process may not open more files.
    case descriptors
    /// Our process has no memory left.
    case memory
    /// Too many look-ups wait already.
    case overflow
}
