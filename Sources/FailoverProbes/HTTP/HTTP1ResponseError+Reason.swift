package import FailoverCore

extension HTTP1ResponseError {
    /// The contract's code for the reason.
    package var reason: ReasonCode {
        switch self {
        case .tooLarge: .headerTooLarge
        case .empty: .responseEmpty
        case .truncated: .responseTruncated
        case .notHTTP, .unsupportedVersion, .malformedStatus, .malformedLineEnd, .controlCharacter, .malformedField,
            .foldedField, .malformedContentLength, .ambiguousLength, .malformedChunkSize, .malformedChunkEnd,
            .protocolSwitched:
            .responseMalformed
        }
    }
}
