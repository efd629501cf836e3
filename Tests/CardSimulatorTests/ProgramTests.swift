import Foundation
import Testing

@Suite(
    "程序 card-simulator on the command line",
    .enabled(if: ReaderDesk.simulator != nil, "card-simulator is not built")
)
struct ProgramTests {
    @Test(arguments: [
        (["--help"], Int32(0)), (["--bogus"], Int32(2)), (["--port"], Int32(2)), (["--port", "0"], Int32(2)),
        (["--port", "1", "--fault", "x"], Int32(2)), (["--port", "1", "--profile", "x"], Int32(2)),
        (["--port", "1", "--csn", "12"], Int32(2)), (["--port", "1", "extra"], Int32(2)), ([], Int32(2)),
        (["--port", "1", "--state", "/etc/passwd"], Int32(1)),
        (["--port", "1", "--lot-master-file", "/dev/null"], Int32(1)),
        (["--port", "1", "--state", "/nowhere/card"], Int32(4)), (["--port", "1", "--wait", "0"], Int32(4)),
        (["--port", "1", "--wait", "0", "--control", "/nowhere/socket"], Int32(4)),
    ])
    func `exit codes of right and wrong calls`(words: [String], code: Int32) throws {
        let program = try #require(ReaderDesk.simulator)
        var status = Int32(0)
        var output = ""
        do { output = try ReaderDesk.run([program] + words) } catch let failure as ReaderDesk.Failure {
            status = failure.status
            output = failure.output
        }
        #expect(status == code)
        #expect(!output.isEmpty)
    }
}
