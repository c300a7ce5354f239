import FailoverCore
import FoundationEssentials
import GRDB

/// Values as this program writes them. Others come from a broken disk or from another hand, and would end the process if they were taken.
extension Row {
    /// Three centuries in milliseconds: larger than any count or time, and small enough to be summed up.
    private static let largest = 1e13
    /// A billion of the largest unit, in picos of it.
    private static let largestPicos: Int128 = 1_000_000_000_000_000_000_000

    /// A count or a time; 0 for none.
    func amount(_ column: Int) throws(HistoryError) -> Double {
        let value: DatabaseValue = self[column]
        switch value.storage {
        case .null: return 0
        case .int64(let number) where (0...Int64(Self.largest)).contains(number): return Double(number)
        case .double(let number) where (0...Self.largest).contains(number): return number
        default: throw Self.unexpected(column, "a number from 0 to 1e13")
        }
    }

    func count(_ column: Int) throws(HistoryError) -> Int { Int(try amount(column)) }

    func time(_ column: Int) throws(HistoryError) -> Duration { .milliseconds(try amount(column)) }

    func number(_ column: Int) throws(HistoryError) -> Int64 {
        guard case .int64(let number) = (self[column] as DatabaseValue).storage else {
            throw Self.unexpected(column, "a whole number")
        }
        return number
    }

    func text(_ column: Int) throws(HistoryError) -> String {
        guard case .string(let text) = (self[column] as DatabaseValue).storage else {
            throw Self.unexpected(column, "a text")
        }
        return text
    }

    func bytes(_ column: Int) throws(HistoryError) -> [UInt8]? {
        switch (self[column] as DatabaseValue).storage {
        case .null: return nil
        case .blob(let data): return Array(data)
        default: throw Self.unexpected(column, "bytes")
        }
    }

    func money(_ column: Int) throws(HistoryError) -> Money {
        guard let picos = Int128(try text(column)), (0...Self.largestPicos).contains(picos) else {
            throw Self.unexpected(column, "an amount of money")
        }
        return Money(picos: picos)
    }

    private static func unexpected(_ column: Int, _ wanted: String) -> HistoryError {
        .unusable("a row does not hold \(wanted) in column \(column + 1)")
    }
}
