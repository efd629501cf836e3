import COpenSSL
package import Octets

/// 随机数 Where randomness comes from: handed in, so that a test can replay a run from its seed.
package protocol RandomSource: Sendable {
    /// Fresh octets.
    func octets(_ count: Int) -> [UInt8]
}

extension RandomSource {
    /// Fresh octets that are a secret from the start.
    package func secret(_ count: Int) -> SecretOctets {
        var octets = octets(count)
        return SecretOctets(wiping: &octets)
    }

    /// A uniform number below `bound` without modulo bias; the caller gives a positive bound.
    package func number(below bound: UInt32) -> UInt32 {
        precondition(bound > 0, "the caller asks for a number below zero")
        let limit = UInt32.max - UInt32.max % bound
        while true {
            let value = octets(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            if value < limit { return value % bound }
        }
    }
}

/// OpenSSL's generator, seeded by the kernel.
package struct SystemRandom: RandomSource {
    package init() {}

    package func octets(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        var octets = [UInt8](repeating: 0, count: count)
        let result = unsafe RAND_bytes(&octets, Int32(count))
        precondition(result == 1, "the system gives no randomness: nothing secret can be made")
        return octets
    }
}

/// A generator for tests and the synthetic population: SHA-256 over seed, name and counter. Never for secrets.
package final class SeededRandom: RandomSource {
    private let seed: [UInt8]
    private let state = Lock((counter: UInt64(0), left: [UInt8]()))

    /// One generator per actor: a further actor does not shift the others.
    package init(seed: UInt64, actor: String) {
        self.seed = seed.bigEndianOctets + Array(actor.utf8)
    }

    package func octets(_ count: Int) -> [UInt8] {
        state.with { state in
            while state.left.count < count {
                state.left += Digest.sha256.hash(seed + [0] + state.counter.bigEndianOctets)
                state.counter += 1
            }
            let octets = Array(state.left.prefix(count))
            state.left.removeFirst(count)
            return octets
        }
    }
}
