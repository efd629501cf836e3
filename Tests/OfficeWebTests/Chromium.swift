import Foundation

/// Debian's browser, without a screen; only where it is installed.
enum Chromium {
    private static let program = "/usr/bin/chromium"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    /// The title of a page once its scripts have run.
    static func title(of page: URL) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1400,900",
            "--user-data-dir=\(page.deletingLastPathComponent().path)/profile", "--virtual-time-budget=2000",
            "--dump-dom", page.absoluteString,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let octets = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: octets, as: UTF8.self)
        return text.firstMatch(of: /<title>([^<]*)<\/title>/).map { String($0.output.1) } ?? "no title"
    }
}
