import Foundation
import TestSupport

@testable import FailoverReader

/// State documents as text, and a place for them.
enum States {
    static let written = Date(timeIntervalSince1970: 1_795_368_000)

    static let own = [
        Endpoint("ap-south", url: "https://own.example/v1"),
        Endpoint("us-east", url: "https://user@us-east.example/v1"),
    ]
    static let fallback = Decision(order: own, word: nil)

    /// Two endpoints, the first of `order` active, good for 30 s.
    static func document(
        _ order: [String] = ["us-east", "eu-west"],
        weights: [String: Int]? = nil,
        mode: String = "preferred",
        generation: Int = 7,
        validUntil: String = time(30),
        schema: String = "failoverd.state/1"
    ) -> String {
        let shares = weights ?? [order[0]: 100]
        let endpoints = order.map {
            #""\#($0)":{"url":"https://\#($0).example/v1","region":"\#($0)","verdict":"healthy"}"#
        }
        return """
            {"schema":"\(schema)","valid_until":"\(validUntil)","new_field":{"a":[1]},
             "routes":{"chat":{"active":"\(order[0])","order":[\(order.map { "\"\($0)\"" }.joined(separator: ","))],
             "mode":"\(mode)","generation":\(generation),
             "weights":{\(shares.map { "\"\($0)\":\($1)" }.joined(separator: ","))}},
             "other":{"active":7}},
             "endpoints":{\(endpoints.joined(separator: ","))}}
            """
    }

    /// So many seconds after the document was written.
    static func time(_ seconds: Int) -> String {
        Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(written + TimeInterval(seconds))
    }

    static func published(_ generation: UInt64 = 7) -> Decision {
        Decision(
            order: [
                Endpoint("us-east", url: "https://user@us-east.example/v1", region: "us-east", weight: 100),
                Endpoint("eu-west", url: "https://eu-west.example/v1", region: "eu-west", weight: 0),
            ],
            word: .init(mode: .preferred, generation: generation)
        )
    }
}

extension States {
    /// As the daemon does it: under another name first.
    static func publish(_ text: String, in directory: String) throws {
        try Data(text.utf8).write(to: URL(filePath: directory + "/.new"))
        guard rename(directory + "/.new", directory + "/state.json") == 0 else {
            throw ConditionError(description: "rename: errno \(errno)")
        }
    }
}
