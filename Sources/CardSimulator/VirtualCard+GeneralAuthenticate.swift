import Cryptography
import Encodings
import Octets

/// GENERAL AUTHENTICATE 00 87 alg slot: signatures, key agreement, the administrator's proof (profile CC-1, 2.7).
extension VirtualCard {
    private static let managementSlot: UInt8 = 0x9B
    private static let algorithms: Set<UInt8> = [0x00, 0x03, 0x08, 0x11, 0x54]
    private static let witness: UInt32 = 0x80
    private static let challenge: UInt32 = 0x81
    private static let response: UInt32 = 0x82
    private static let exponentiation: UInt32 = 0x85

    mutating func generalAuthenticate(_ command: Command, after earlier: Selection) throws(StatusWord) -> Reply {
        guard Self.algorithms.contains(command.p1) else { throw .wrongParameters }
        if command.p2 == Self.managementSlot { return try administrate(command) }
        guard let slot = PIVApplication.Slot(rawValue: command.p2) else { throw .wrongParameters }
        guard let key = image.piv.key(slot) else { throw .referenceNotFound }
        guard key.algorithm == command.p1 else { throw .wrongParameters }
        try requireUnlocked()
        if slot == .encryption, key.algorithm == PIVApplication.sm2 { throw .notSupported }
        try requireHolder(slot, after: earlier)
        let objects = try template(command.data)
        guard objects.count == 2, let asked = objects.first(where: { $0.tag == Self.response }), asked.value.isEmpty
        else { throw .wrongData }
        guard let privateKey = try? PrivateKey(pkcs8: SecretOctets(copying: key.key)) else { throw .internalFault }
        if let digest = objects.first(where: { $0.tag == Self.challenge }) {
            return try signature(privateKey, digest.value)
        }
        guard slot == .encryption, let peer = objects.first(where: { $0.tag == Self.exponentiation }) else {
            throw .wrongData
        }
        return try agreement(privateKey, peer.value)
    }

    private func requireHolder(_ slot: PIVApplication.Slot, after earlier: Selection) throws(StatusWord) {
        guard slot != .cardProof else { return }
        guard !image.pin.isTransport else { throw .wrongState }
        guard slot == .signature ? earlier.verifiedJustNow : selection.holderIsVerified else { throw .accessDenied }
    }

    private func template(_ data: [UInt8]) throws(StatusWord) -> [BERTLV] {
        guard let outer = try? BERTLV.one(data), outer.tag == 0x7C, let objects = try? outer.children(),
            Set(objects.map(\.tag)).count == objects.count
        else { throw .wrongData }
        return objects
    }

    private func signature(_ key: PrivateKey, _ digest: [UInt8]) throws(StatusWord) -> Reply {
        guard digest.count == 32 else { throw .wrongData }
        guard let signature = try? key.sign(digest: digest) else { throw .internalFault }
        return Reply(data: BERTLV(0x7C, [BERTLV(Self.response, signature)]).encoded)
    }

    private func agreement(_ key: PrivateKey, _ point: [UInt8]) throws(StatusWord) -> Reply {
        // A point that is not on the curve is refused before the key touches it.
        guard let peer = try? PublicKey(point: point, on: .p256) else { throw .wrongData }
        guard let shared = try? key.agree(with: peer) else { throw .internalFault }
        // The secret leaves in the answer anyway.
        let octets = unsafe shared.withUnsafeOctets { unsafe Array($0) }
        return Reply(data: BERTLV(0x7C, [BERTLV(Self.response, octets)]).encoded)
    }

    /// 9B: mutual (80), single (81); P1 = 00 gives a challenge only.
    private mutating func administrate(_ command: Command) throws(StatusWord) -> Reply {
        let key = image.piv.management
        guard command.p1 == key.algorithm || command.p1 == 0x00 else { throw .wrongParameters }
        try requireUnlocked()
        let pending = selection.administratorChallenge
        selection.administratorChallenge = nil
        let objects = try template(command.data)
        let block = key.cipher.blockLength
        if objects == [BERTLV(Self.challenge, [UInt8]())] {
            let asked = random.octets(block)
            if command.p1 != 0x00 { selection.administratorChallenge = .single(asked) }
            return Reply(data: BERTLV(0x7C, [BERTLV(Self.challenge, asked)]).encoded)
        }
        guard command.p1 != 0x00 else { throw .wrongParameters }
        if objects == [BERTLV(Self.witness, [UInt8]())] {
            let shown = random.octets(block)
            selection.administratorChallenge = .witness(shown)
            let hidden = try key.cipher.encrypted(shown, key: key.key)
            return Reply(data: BERTLV(0x7C, [BERTLV(Self.witness, hidden)]).encoded)
        }
        return try finish(pending, objects, key)
    }

    private mutating func finish(
        _ pending: Selection.AdministratorChallenge?,
        _ objects: [BERTLV],
        _ key: PIVApplication.ManagementKey
    ) throws(StatusWord) -> Reply {
        selection.administratorIsAuthenticated = false
        func value(_ tag: UInt32) -> [UInt8]? { objects.first { $0.tag == tag }?.value }
        switch pending {
        case .single(let asked):
            guard let answer = value(Self.response) else { throw .wrongData }
            guard constantTimeEquals(try key.cipher.encrypted(asked, key: key.key), answer) else {
                throw .accessDenied
            }
            selection.administratorIsAuthenticated = true
            return .done
        case .witness(let shown):
            guard let answer = value(Self.witness), let asked = value(Self.challenge),
                asked.count == key.cipher.blockLength
            else { throw .wrongData }
            guard constantTimeEquals(shown, answer) else { throw .accessDenied }
            selection.administratorIsAuthenticated = true
            let proof = try key.cipher.encrypted(asked, key: key.key)
            return Reply(data: BERTLV(0x7C, [BERTLV(Self.response, proof)]).encoded)
        case nil:
            throw objects.isEmpty ? .wrongData : .wrongState
        }
    }
}
