import FailoverCommands

/// `failoverctl`: shows what failoverd decides and why, and operates it.
@main
enum Main {
    static func main() async { await Failoverctl.main() }
}
