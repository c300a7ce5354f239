package import FailoverWire

/// What `failoverctl watch` prints where there is no screen.
package enum WatchText {
    /// A line for each route, as it stands: `12:04:31  now            chat: eu-west, failed over: …`.
    package static func standing(of state: StateDocument, route: String?, in style: TextStyle) -> String {
        let time = Wording.time(style.now, in: style)
        return state.routes.sorted { $0.key < $1.key }.filter { route == nil || $0.key == route }.map { name, route in
            let place = route.shares == nil ? route.active : ShareText.weights(of: route)
            let mode = Paint.mode(route.mode).apply(to: Wording.mode(route.mode), in: style)
            return Paint.dim.apply(to: time, in: style) + "  " + "now".padded(to: EventText.longestKind)
                + "  \(name): \(place), \(mode): \(route.reason.text)\n"
        }.joined()
    }
}
