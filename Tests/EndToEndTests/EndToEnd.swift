import Testing

/// The real programs, against real servers, from outside.
///
/// Those that share the machine's processors heavily run one after the other.
@Suite(.serialized) enum EndToEnd {}
