extension Int: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.number(Int64(self)) }
}

extension UInt64: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.number(self) }
}

extension Double: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.number(self) }
}

extension Bool: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.literal(self ? "true" : "false") }
}

extension String: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.string(self) }
}

extension WallTime: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.time(self) }
}

extension Array: JSONWritable where Element: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.array { writer in for element in self { writer.element(element) } }
    }
}

extension Dictionary: JSONWritable where Key == String, Value: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            for (name, value) in sorted(by: { $0.key < $1.key }) { writer.field(named: name, value) }
        }
    }
}

extension ScalarDocument: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.literal("null")
        case .bool(let value): value.write(to: &writer)
        case .number(let value): value.write(to: &writer)
        case .string(let value): value.write(to: &writer)
        }
    }
}

extension ReasonDocument: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("code", code)
            writer.field("text", text)
        }
    }
}
