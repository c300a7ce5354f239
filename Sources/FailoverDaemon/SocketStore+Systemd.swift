import FailoverControl
import FailoverSystemd

extension SocketStore {
    /// The service manager's descriptor store, with what it has handed over.
    ///
    /// To be asked for once: the descriptors are its user's.
    static func systemd() -> SocketStore {
        SocketStore(
            inherited: DescriptorStore.inherited().map { Entry(name: $0.name, descriptor: $0.descriptor) },
            keep: { DescriptorStore.keep($0.descriptor, named: $0.name) == .sent },
            forget: { DescriptorStore.forget($0) }
        )
    }
}
