extension StateDocument {
    /// How one file stands that is rendered from decisions.
    package struct Output: Codable, Hashable, Sendable {
        /// `current` (it tells the decision of `generation`), `pending` (something is to be done for it) or `failing`.
        package var state: String
        /// Of the decision that the file in place tells; `null` before that is known.
        @ExplicitNull package var generation: UInt64?
        /// When this run of the daemon last replaced it; `null` if it has not.
        @ExplicitNull package var writtenAt: WallTime?
        /// `null` while nothing fails.
        @ExplicitNull package var failure: OutputFailure?

        private enum CodingKeys: String, CodingKey {
            case state, generation, failure
            case writtenAt = "written_at"
        }

        package init(state: String, generation: UInt64?, writtenAt: WallTime?, failure: OutputFailure?) {
            self.state = state
            _generation = ExplicitNull(wrappedValue: generation)
            _writtenAt = ExplicitNull(wrappedValue: writtenAt)
            _failure = ExplicitNull(wrappedValue: failure)
        }
    }

    /// What keeps a file from telling the decision.
    package struct OutputFailure: Codable, Hashable, Sendable {
        package var code: String
        package var text: String
        package var since: WallTime
        /// Attempts in a row.
        package var count: Int

        package init(code: String, text: String, since: WallTime, count: Int) {
            self.code = code
            self.text = text
            self.since = since
            self.count = count
        }
    }
}

extension StateDocument.Output: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("failure", failure)
            writer.field("generation", generation)
            writer.field("state", state)
            writer.field("written_at", writtenAt)
        }
    }
}

extension StateDocument.OutputFailure: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("code", code)
            writer.field("count", count)
            writer.field("since", since)
            writer.field("text", text)
        }
    }
}
