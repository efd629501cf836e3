import Foundation

/// 卡面打印 A CUPS printer (`CITIZEN_PRINTER`). The sheet goes to `lp` through a pipe: no file, no name in an argument.
struct CardPrinter: Sendable {
    /// The printer did not take the sheet.
    struct Refused: Error {
        let exitCode: Int32
    }

    private let queue: String

    /// Nil when no printer is set.
    init?(queue: String?) {
        guard let queue, !queue.isEmpty else { return nil }
        self.queue = queue
    }

    /// Hands one PDF to the queue; blocks until the spooler has it.
    func print(_ pdf: [UInt8]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["lp", "-s", "-d", queue, "-t", "card", "-o", "fit-to-page", "-"]
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try? pipe.fileHandleForWriting.write(contentsOf: Data(pdf))
        try? pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Refused(exitCode: process.terminationStatus) }
    }
}
