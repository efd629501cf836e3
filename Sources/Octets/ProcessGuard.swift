import CSystem
import Glibc

/// What a process with keys in it does at its start.
package enum ProcessGuard {
    /// No core files, no debugger of the same user, no signal for a lost connection.
    package static func keepSecretsHome() {
        _ = csystem_set_dumpable(0)
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        signal(SIGPIPE, SIG_IGN)
    }
}
