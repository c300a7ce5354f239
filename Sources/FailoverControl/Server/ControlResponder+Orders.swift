import FailoverWire
import FoundationEssentials
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

/// Changes: who asks, and whether they may.
extension ControlResponder {
    /// Does what an operator asks for.
    func operate(_ action: ControlOrder.Action, request: Request, channel: any Channel) async -> Response {
        await changing(channel, "an order") { requester in
            let body: Data
            do {
                // The connection's own guard has bounded it.
                body = Data(try await request.body.collect(upTo: Self.largestOrder).readableBytesView)
            } catch {
                let detail = "the body of an order may have \(Self.largestOrder) bytes"
                return .problem(ProblemDocument(title: "Request body too large", status: 413, detail: detail))
            }
            let order: ControlOrder
            do throws(OrderBody.Fault) { order = try OrderBody.order(action, body) } catch {
                return .problem(ProblemDocument(error))
            }
            switch await source.operate(order, by: requester) {
            case .success(let receipt): return .json(receipt)
            case .failure(let refusal): return .problem(ProblemDocument(refusal))
            }
        }
    }

    /// Many times what the longest reason takes, in bytes.
    private static let largestOrder = 16 * 1024

    /// Lets those change something who may; anybody else is told what it would take.
    func changing(
        _ channel: any Channel,
        _ what: String,
        _ change: (Operator) async -> Response
    ) async -> Response {
        guard let peer = try? await PeerCredentials.of(channel) else {
            let detail = "the kernel does not say who you are"
            return .problem(ProblemDocument(title: "Not permitted", status: 403, detail: detail))
        }
        guard access.mayChange(peer) else {
            logger.notice("\(what) refused", metadata: ["uid": "\(peer.uid)"])
            return .problem(ProblemDocument(title: "Not permitted", status: 403, detail: access.refusal(of: peer)))
        }
        // Names may come from a directory service, which may block.
        let name = try? await NIOThreadPool.singleton.runIfActive { Accounts.name(ofUser: peer.uid) }
        return await change(Operator(uid: peer.uid, name: name ?? nil))
    }
}
