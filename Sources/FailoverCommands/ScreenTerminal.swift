import Glibc

/// What a crash leaves to be mended: the modes as they were found.
///
/// Sendable in fact: written once before the handlers are installed, and only read after that.
nonisolated(unsafe) private let modesFound = UnsafeMutablePointer<termios>.allocate(capacity: 1)

/// A terminal of which every key and every cell is ours, until it is given back as it was.
struct ScreenTerminal {
    private let found: termios

    /// The whole screen on a page of its own, without a cursor; lines that are too long are cut off, and what is pasted is
    /// marked as such.
    private static let entering = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[?2004h\u{1B}[2J"
    private static let leaving: StaticString =
        "\u{1B}[?2026l\u{1B}[0m\u{1B}[?2004l\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// - Returns: `nil` if standard input and output are no terminal.
    init?() {
        var modes = termios()
        guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &modes) == 0 else { return nil }
        found = modes
        modesFound.initialize(to: modes)
        Self.mendAfterCrashes()
    }

    /// Takes the terminal, also again after it was given back, or after somebody else has changed its modes.
    func enter() throws {
        var modes = found
        modes.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
        modes.c_iflag &= ~tcflag_t(IXON | ICRNL)
        withUnsafeMutableBytes(of: &modes.c_cc) { keys in
            keys[Int(VMIN)] = 1
            keys[Int(VTIME)] = 0
        }
        tcsetattr(STDIN_FILENO, TCSADRAIN, &modes)
        try Terminal.print(Self.entering)
    }

    /// Gives it back as it was found.
    func leave() {
        // Nobody is left to tell that the terminal is gone.
        try? Terminal.print(Self.leaving.description)
        var modes = found
        tcsetattr(STDIN_FILENO, TCSADRAIN, &modes)
    }

    /// Columns and lines; 80 and 24 where the terminal does not say.
    var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// A crash must not leave a terminal behind on which nobody sees what they type.
    private static func mendAfterCrashes() {
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] {
            var action = sigaction()
            // Afterwards the signal does what it usually does: the same again ends us.
            action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND))
            action.__sigaction_handler.sa_handler = { number in
                let text = ScreenTerminal.leaving
                _ = write(STDOUT_FILENO, text.utf8Start, text.utf8CodeUnitCount)
                tcsetattr(STDIN_FILENO, TCSANOW, modesFound)
                raise(number)
            }
            sigaction(number, &action, nil)
        }
    }
}
