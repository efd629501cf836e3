import Glibc

/// 退出码 The exit codes of every program of the project.
package enum ExitCode: Int32, Hashable, Sendable, CaseIterable {
    /// Done, or valid.
    case done = 0
    /// Refused, or invalid.
    case refused = 1
    /// The program was called wrongly.
    case usage = 2
    /// 不可判定 Trust or revocation data is missing or stale.
    case undecidable = 3
    /// A file, device or service cannot be reached.
    case unreachable = 4
}

extension ExitCode {
    /// Ends the process with this code, without the exit handlers of the C libraries.
    ///
    /// A command that stopped half-way may leave threads inside libcrypto; its handler would free what they still use, and
    /// the process would end with a fault of its own in place of the code.
    package func end() -> Never {
        fflush(nil)
        _exit(rawValue)
    }
}
