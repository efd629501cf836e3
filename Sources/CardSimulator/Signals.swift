import Glibc

/// 信号 The signals this process takes.
enum Signals {
    /// Takes every signal: a parent that blocks them in its threads hands the block down, and SIGTERM would not end us.
    static func acceptAll() {
        var none = sigset_t()
        // Both calls write into a set that belongs to this frame.
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
    }
}
