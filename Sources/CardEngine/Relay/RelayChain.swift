import Cryptography
import Octets

/// 哈希链 The chain over everything that passed between a card and the service in one job (CC-1, 4.2).
///
/// Desk and service each compute it; a batch that does not fit the agent's head is refused, so no answer can be
/// dropped or exchanged on the way unseen.
package struct RelayChain: Hashable, Sendable {
    package private(set) var head: [UInt8]

    /// h0 of a job.
    package init(job: String) { head = Digest.sha256.hash(Array("CC-PERSO-1".utf8) + [0] + Array(job.utf8)) }

    /// A chain that goes on from a known head.
    package init(head: [UInt8]) { self.head = head }

    /// Adds one command with its answer; the body of a command with a PIN stays out.
    package mutating func add(_ relayed: RelayedCommand, response: [UInt8]) {
        let octets = relayed.command.encoded
        let command = relayed.isSensitive || !relayed.fills.isEmpty ? Array(octets.prefix(5)) : octets
        head = Digest.sha256.hash(
            head + UInt32(command.count).bigEndianOctets + command + UInt32(response.count).bigEndianOctets + response
        )
    }
}
