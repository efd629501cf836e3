import Glibc

/// The clock of the host, for the composition root to hand in.
package enum HostClock {
    /// Milliseconds since 1970 in UTC.
    @Sendable package static func unixMilliseconds() -> Int64 {
        var time = timespec()
        // The pointer lives for the call alone.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
