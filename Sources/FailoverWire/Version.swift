/// The version of the programs, as in `--version`, the state file and the journal.
package enum Version {
    package static let current = "0.1.0"
}
