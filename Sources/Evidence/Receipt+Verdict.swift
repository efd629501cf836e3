extension Receipt {
    /// What a check of a receipt says.
    package enum Verdict: Hashable, Sendable {
        /// The entry is in the log, at this index.
        case accepted(entry: [UInt8])
        case refused(Reason)
        case undecided(Missing)
    }

    /// Why a receipt proves nothing.
    package enum Reason: String, Hashable, Sendable {
        /// A line of a known key does not hold.
        case signature
        /// No line is by a trusted log key.
        case unknownKey = "unknown-key"
        /// The checkpoint is of another log than the key signs for.
        case origin
        /// Too few trusted witnesses have signed.
        case witnesses
        /// The entry beside the receipt is not the one in it.
        case entry
        /// Index, size and length of the path do not fit together, or the path leads to another root.
        case inclusion
    }

    /// What is lacking for a verdict.
    package enum Missing: String, Hashable, Sendable {
        case trust
        case entry
    }

    /// Whether the entry is in the log of a trusted key. `entry` may be left out when the receipt carries it.
    package func verdict(
        entry given: [UInt8]? = nil,
        keys: [VerifierKey],
        witnesses: [VerifierKey] = [],
        witnessesNeeded: Int = 0
    ) -> Verdict {
        guard keys.contains(where: { $0.kind == .ed25519 }) else { return .undecided(.trust) }
        let signers: [VerifierKey]
        do throws(SignedNote.Fault) { signers = try note.signers(among: keys + witnesses) } catch {
            return .refused(error == .unknownKeys ? .unknownKey : .signature)
        }
        guard let log = signers.first(where: { keys.contains($0) && $0.kind == .ed25519 }) else {
            return .refused(.unknownKey)
        }
        guard checkpoint.origin == log.name else { return .refused(.origin) }
        guard signers.count(where: { witnesses.contains($0) }) >= witnessesNeeded else { return .refused(.witnesses) }
        if let given, let extra, given != extra { return .refused(.entry) }
        guard let entry = given ?? extra else { return .undecided(.entry) }
        let hash = TreeHash(form.digest)
        let proof = InclusionProof(index: index, size: checkpoint.size, path: path)
        guard proof.proves(hash.leaf(entry), in: checkpoint.root, hash) else { return .refused(.inclusion) }
        return .accepted(entry: entry)
    }
}
