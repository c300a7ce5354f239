/// Text from outside, made fit for one line of a log: control, format and unassigned characters become `?`, and what
/// is longer than `limit` characters is cut and marked with `…`.
func printable(_ text: some StringProtocol, limit: Int) -> String {
    var result = ""
    var count = 0
    // Counts scalars, because one character may be made of any number of them.
    for scalar in text.unicodeScalars {
        if count == limit {
            result.unicodeScalars.removeLast()
            return result + "…"
        }
        result.unicodeScalars.append(isPrintable(scalar) ? scalar : "?")
        count += 1
    }
    return result
}

/// The largest length of an observation's detail, in characters.
let maximumDetailLength = 200

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
}
