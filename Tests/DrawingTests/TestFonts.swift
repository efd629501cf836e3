import Drawing
import Foundation
import Glibc

/// The fonts of the tests, made once for the process.
enum TestFonts {
    static let packages = "install fonts-wqy-zenhei fonts-babelstone-han fonts-hanazono"
    static let areThere = Typefaces.Settings.debian.folders.allSatisfy { FileManager.default.fileExists(atPath: $0) }
    static let folder = {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("cz-drawing-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        unsafe setenv("CZ_TEST_DRAWING", path, 1)
        // What the process makes goes with it.
        atexit { if let path = unsafe getenv("CZ_TEST_DRAWING") { TestFonts.remove(unsafe String(cString: path)) } }
        return path
    }()
    private static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    static let shared = Result { try Typefaces(folder: folder) }
}

/// Programs that judge our documents.
enum TestPrograms {
    static let poppler = FileManager.default.fileExists(atPath: "/usr/bin/pdftotext")

    static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }
}
