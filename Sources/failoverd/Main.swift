import FailoverCommands

/// `failoverd`, and `failoverctl` where it is called so: nearly all of the two is the same, so packages have it once.
@main
enum Main {
    static func main() async {
        let name = CommandLine.arguments.first?.split(separator: "/").last
        if name == "failoverctl" { await Failoverctl.main() } else { await FailoverdCommand.main() }
    }
}
