import CommandLine
import FoundationEssentials

/// A file that could not be read.
struct FileFault: Error {
    let path: String

    var text: Text { Text(zh: "无法读取 \(path)", en: "cannot read \(path)") }

    /// The octets of a file; `-` is standard input.
    static func read(_ path: String) throws(FileFault) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path == "-" ? "/dev/stdin" : path) else {
            throw FileFault(path: path)
        }
        return Array(data)
    }
}
