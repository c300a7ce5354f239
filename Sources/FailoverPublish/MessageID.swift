package import FailoverCore

/// The `MESSAGE_ID=` of each kind of event.
///
/// Frozen for ever: people's queries and the message catalog know them by these.
package enum MessageID {
    /// 32 lower-case hexadecimal digits.
    package static func of(_ kind: EventKind) -> String {
        switch kind {
        case .started: "c5034d1e9c7640df826d9390729af099"
        case .failover: "fc112363041445d9b8a3b872f7f6eefa"
        case .failback: "9d3f1f20de134a9e9ac69b00ca0d3568"
        case .failOpen: "f0b0080165c1422d9377e1a38631213f"
        case .held: "bceb81b1d4714da49bc27162d44efd23"
        case .pinned: "6ebe45947b4941bb92c819182bf832d0"
        case .unpinned: "b806c25d3226470d917aaf236af28f44"
        case .drained: "00e607b47dad4f9b82a04f2745539d5f"
        case .undrained: "420f116a8a33424aaf7012462e079c36"
        case .frozen: "da52d913eb9a4ba888f13e907c4120eb"
        case .unfrozen: "b0a49f64953048a4a2b89f8fd61fc0b1"
        case .weights: "140af207bb8d43d8b65f797535dd611f"
        case .expired: "9bab17bf15424fe29886afb03f6818c4"
        case .verdict: "b2dae92a7cb44a3fa3ad6781020cf9e4"
        case .throttled: "d977d76fe6c548d099824a73d7249d28"
        case .misconfigured: "df71634c10cc4c1ebc503b27f2312a3b"
        case .quality: "6cf2386a4f6548a2947cc4dd9ac4b46e"
        case .spend: "6b719d9b47364fe0b8949ca1fccf4120"
        case .certificate: "780aa6964b2a433fbdb9749d66f26725"
        case .vantage: "a128589acf044d26ac3b041470a709ea"
        case .config: "258cb40ba4a14b2b9b69b5ac95c7a55c"
        case .output: "1f6f9a5c3d2e4b7f9c08a1b46e57d3c2"
        case .errorBudget: "7c0e5b1f8d8d4a0e9a6f2b54c1e3d790"
        case .dropped: "124449e1650f4e5781fdca79512d555b"
        }
    }

    /// By the word in `FAILOVERD_EVENT=`; `nil` for one that this version does not know.
    static func of(event: String) -> String? { EventKind(rawValue: event).map { of($0) } }
}
