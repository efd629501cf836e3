import Foundation
import Glibc

/// A program started by the tests.
///
/// Not Foundation's `Process`: that one waits until everything that the program left in the background has ended too
/// (seen with Swift 6.3.1), and the script of the front leaves nginx.
struct Spawned: Sendable {
    /// The program could not be started.
    struct Fault: Error {
        let program: String
        let errno: Int32
    }

    let pid: pid_t

    /// Starts a program with three descriptors of the caller's, which stay the caller's.
    init(_ program: String, _ arguments: [String], input: Int32, output: Int32, errors: Int32) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in [input, output, errors].enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
        }
        // Freed below; the call copies them.
        var texts = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe texts.forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let result = unsafe posix_spawn(&pid, program, &actions, nil, &texts, environ)
        guard result == 0 else { throw Fault(program: program, errno: result) }
        self.pid = pid
    }

    /// Waits for the end and gives the exit status, 128 and the signal's number after a signal. Blocks.
    func wait() -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    /// Ends the program now and waits for it.
    func end() {
        kill(pid, SIGKILL)
        _ = wait()
    }
}
