import Testing

/// The real programs, against real servers, from outside.
///
/// Those that share the machine's processors heavily run one after the other; what hangs fails by its name.
@Suite(.serialized, .timeLimit(.minutes(6))) enum EndToEnd {}
