import Foundation
import TestSupport

/// Programs of Python packages, in the build folder, where `make test-packages` puts them.
enum Python {
    static let python = path("python")
    static let litellm = path("litellm")

    private static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../.build/python/bin/\(name)")
            .standardized.path
    }
}
