package import Cryptography

/// 树杂凑 The three hashes of a Merkle tree (RFC 6962, 2.1): empty tree, leaf and node, over SHA-256 or SM3.
package struct TreeHash: Sendable {
    private let function: FetchedDigest

    /// Hashing with this function.
    package init(_ digest: Digest) { function = FetchedDigest(digest) }

    /// The function.
    package var digest: Digest { function.digest }

    /// Octets of each hash.
    package var length: Int { function.digest.length }

    /// The root of a tree without leaves.
    package var empty: [UInt8] { function.hash([]) }

    /// H(00 ‖ entry).
    package func leaf(_ entry: some Collection<UInt8>) -> [UInt8] {
        var message: [UInt8] = [0x00]
        message.reserveCapacity(entry.count + 1)
        message += entry
        return function.hash(message)
    }

    /// H(01 ‖ left ‖ right).
    package func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var message: [UInt8] = [0x01]
        message.reserveCapacity(left.count + right.count + 1)
        message += left
        message += right
        return function.hash(message)
    }

    /// The root over hashes of neighbouring subtrees of one size; the last may stand for a smaller one.
    package func root(over hashes: ArraySlice<[UInt8]>) -> [UInt8] {
        guard let first = hashes.first else { return empty }
        guard hashes.count > 1 else { return first }
        let middle = hashes.startIndex + (hashes.count - 1).largestPowerOfTwo
        return node(root(over: hashes[..<middle]), root(over: hashes[middle...]))
    }
}

extension Int {
    /// The largest power of two that is not above this number, which is 1 or more.
    var largestPowerOfTwo: Int { 1 << (Int.bitWidth - 1 - leadingZeroBitCount) }
}
