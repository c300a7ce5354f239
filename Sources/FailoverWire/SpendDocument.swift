package import FailoverCore

/// `spend.json` in the state directory: what probing has spent today, which a restart must not forget.
///
/// Schema `failoverd.spend/1`.
package struct SpendDocument: Codable, Hashable, Sendable {
    package static let schema = "failoverd.spend/1"

    package var schema: String
    package var writtenAt: WallTime
    /// By day, such as `2026-11-22`, UTC.
    package var days: [String: Day]

    private enum CodingKeys: String, CodingKey {
        case schema, days
        case writtenAt = "written_at"
    }

    package struct Day: Codable, Hashable, Sendable {
        package var endpoints: [String: Amount]
        /// Of endpoints that are remembered no longer by name.
        package var others: Amount
    }

    package struct Amount: Codable, Hashable, Sendable {
        /// A decimal number as text, because it is exact.
        package var cost: String
        package var tokens: Int
    }
}

/// A document whose fields have the right types and hold what cannot be.
package struct SpendDocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Such as `days.2026-11-22.endpoints.us-east.cost`.
    package let field: String
    package let found: String
    package let allowed: String

    package init(field: String, found: String, allowed: String) {
        self.field = field
        self.found = found
        self.allowed = allowed
    }

    package var description: String { "\(field) is \"\(found.prefix(64))\", and must be \(allowed)" }
}

extension SpendDocument {
    package init(_ memory: SpendMemory, at time: WallTime) {
        schema = Self.schema
        writtenAt = time
        let pairs = memory.days.map { day in
            let lines = day.endpoints.map { ($0.name.rawValue, Amount($0.used)) }
            return (
                CivilDate(daysSince1970: day.day).description,
                Day(endpoints: Dictionary(lines) { first, _ in first }, others: Amount(day.others))
            )
        }
        days = Dictionary(pairs) { first, _ in first }
    }

    /// What is remembered, the latest day first and endpoints sorted by name.
    package func memory() throws(SpendDocumentError) -> SpendMemory {
        var read: [SpendMemory.Day] = []
        for (text, day) in days.sorted(by: { $0.key > $1.key }) {
            guard let date = CivilDate(text) else {
                throw SpendDocumentError(field: "days", found: text, allowed: "a day such as 2026-11-22")
            }
            var lines: [SpendMemory.Line] = []
            for (name, amount) in day.endpoints.sorted(by: { $0.key < $1.key }) {
                let used = try amount.total("days.\(text).endpoints.\(name)")
                lines.append(SpendMemory.Line(name: EndpointName(rawValue: name), used: used))
            }
            let others = try day.others.total("days.\(text).others")
            read.append(SpendMemory.Day(day: date.daysSince1970, endpoints: lines, others: others))
        }
        guard read.count <= SpendMemory.maximumDays else {
            throw SpendDocumentError(
                field: "days",
                found: "\(read.count) days",
                allowed: "at most \(SpendMemory.maximumDays) days"
            )
        }
        return SpendMemory(days: read)
    }
}

extension SpendDocument.Amount {
    fileprivate init(_ total: SpendTotal) {
        cost = total.cost.exact()
        tokens = total.tokens
    }

    /// Far more than a day of probes can use; a larger number is damage.
    private static let mostTokens = 1 << 53

    fileprivate func total(_ field: String) throws(SpendDocumentError) -> SpendTotal {
        guard let money = Money(decimal: cost), money >= .zero else {
            throw SpendDocumentError(
                field: "\(field).cost",
                found: cost,
                allowed: "an amount of at most 12 decimals, 0 or more"
            )
        }
        guard (0...Self.mostTokens).contains(tokens) else {
            throw SpendDocumentError(
                field: "\(field).tokens",
                found: "\(tokens)",
                allowed: "a number of 0...\(Self.mostTokens)"
            )
        }
        return SpendTotal(cost: money, tokens: tokens)
    }
}

extension SpendDocument: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("days", days)
            writer.field("schema", schema)
            writer.field("written_at", writtenAt)
        }
    }
}

extension SpendDocument.Day: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("endpoints", endpoints)
            writer.field("others", others)
        }
    }
}

extension SpendDocument.Amount: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("cost", cost)
            writer.field("tokens", tokens)
        }
    }
}
