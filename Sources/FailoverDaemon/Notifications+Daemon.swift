import FailoverCore
import FailoverProbes
import FailoverPublish
import Glibc

extension Notifications {
    /// Those of `configuration`, who complain to the journal.
    static func telling(
        _ configuration: Configuration,
        journal: JournalSink,
        credentials: CredentialCheck
    ) -> Notifications {
        let complaints = Complaints { journal.log($0 == .error ? .warning : $0, $1) }
        let notifications = Notifications(
            clock: { SystemClock.reading },
            secret: { credentials.secret(of: $0) },
            settle: { complaints.settle($0, error: $1) },
            report: { journal.log($0, $1) }
        )
        notifications.apply(configuration)
        return notifications
    }
}

extension CredentialCheck {
    /// The first line of a credential, read anew each time: it may have been replaced.
    fileprivate func secret(of credential: Credential) -> Result<String, NotificationSecretError> {
        let name: String
        let path: String
        switch credential {
        case .file(let file): (name, path) = ("credential file \(file)", file)
        case .systemd(let own):
            guard let directory else {
                return .failure(NotificationSecretError("credential \(own): systemd handed no credentials over"))
            }
            (name, path) = ("credential \(own)", CredentialPlace.path(of: own, in: directory))
        }
        do throws(FileError) {
            // A file that is replaced may be a link, as with secrets of Kubernetes.
            let target = realpath(path, nil)
            defer { free(target) }
            let file = target.map { String(cString: $0) } ?? path
            guard let bytes = try AtomicFile.read(file, limit: Self.maximumSecret) else {
                return .failure(NotificationSecretError("\(name) is missing"))
            }
            let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            guard !line.isEmpty, line.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                return .failure(NotificationSecretError("\(name): its first line is not of visible ASCII characters"))
            }
            return .success(String(decoding: line, as: UTF8.self))
        } catch {
            return .failure(NotificationSecretError("\(name) cannot be read"))
        }
    }

    /// A key has some hundred bytes.
    private static let maximumSecret = 64 * 1024
}
