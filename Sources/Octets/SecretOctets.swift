import Glibc

/// A secret (密钥, PIN, 口令): held outside the Swift heap, kept from swap and core dumps, lent in a closure, wiped.
///
/// It cannot be copied, printed or encoded. `[UInt8]`, `Data` and `String` copy silently and never wipe, so a secret
/// stays in this type for as long as the library that needs it allows.
@safe package struct SecretOctets: ~Copyable, @unchecked Sendable {
    // This value alone owns the memory; it is written in `init` and `deinit` only.
    private let memory: UnsafeMutableRawBufferPointer

    /// The number of octets.
    package var count: Int { unsafe memory.count }

    /// Fills a fresh region; the closure gets it zeroed.
    package init<Failure: Error>(
        count: Int,
        filling fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        unsafe memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 0), alignment: 16)
        if let base = unsafe memory.baseAddress, count > 0 {
            // Best effort: RLIMIT_MEMLOCK may be small; the process also switches core dumps off at start. The page
            // stays locked after the value is gone, because a neighbour on it may be another secret.
            _ = unsafe mlock(base, count)
            unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
        }
        unsafe try fill(memory)
    }

    /// Moves octets in and wipes the array that brought them.
    package init(wiping octets: inout [UInt8]) {
        unsafe self.init(count: octets.count) { region in unsafe region.copyBytes(from: octets) }
        unsafe octets.withUnsafeMutableBytes { source in
            if let base = source.baseAddress { unsafe explicit_bzero(base, source.count) }
        }
    }

    /// Copies octets in. For values that are public anyway (vectors, tests) or that the caller cannot wipe.
    package init(copying octets: some Collection<UInt8>) {
        unsafe self.init(count: octets.count) { region in unsafe region.copyBytes(from: octets) }
    }

    deinit {
        if let base = unsafe memory.baseAddress { unsafe explicit_bzero(base, memory.count) }
        unsafe memory.deallocate()
    }

    /// Lends the octets; the pointer must not leave the closure.
    package borrowing func withUnsafeOctets<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe try body(UnsafeRawBufferPointer(memory))
    }

    /// A second owner of the same octets.
    package borrowing func duplicate() -> SecretOctets {
        unsafe SecretOctets(count: count) { region in unsafe region.copyMemory(from: UnsafeRawBufferPointer(memory)) }
    }

    /// Whether the octets equal a value, in constant time.
    package borrowing func equals(_ other: some Collection<UInt8>) -> Bool {
        unsafe constantTimeEquals(Array(UnsafeRawBufferPointer(memory)), other)
    }
}
