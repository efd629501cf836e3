import Cryptography
import Encodings
import Octets

/// PIV data objects and key generation (profile CC-1, 2.7).
extension VirtualCard {
    /// 发现对象 The discovery object: the PIV AID and the PIN usage policy 4000; built in, present on blanks.
    private static let discovery: [UInt8] = [
        0x7E, 0x12, 0x4F, 0x0B, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x5F, 0x2F, 0x02,
        0x40, 0x00,
    ]
    private static let holderObjects: Set<UInt32> = [0x5FC103, 0x5FC108, 0x5FC109]

    /// 00 CB 3F FF 5C len tag.
    mutating func getObject(_ command: Command) throws(StatusWord) -> Reply {
        try command.parameters(0x3F, 0xFF)
        guard let request = try? BERTLV.one(command.data), request.tag == 0x5C,
            (1...3).contains(request.value.count)
        else { throw .wrongData }
        let tag = request.value.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard tag != 0x7E else { return Reply(data: Self.discovery) }
        guard !Self.holderObjects.contains(tag) || selection.holderIsVerified else { throw .accessDenied }
        guard let found = image.piv.objects.first(where: { $0.tag == tag }) else { throw .fileNotFound }
        return Reply(data: BERTLV(0x53, found.value).encoded)
    }

    /// 00 DB 3F FF 5C len tag ‖ 53 len value.
    mutating func putObject(_ command: Command) throws(StatusWord) -> Reply {
        try command.parameters(0x3F, 0xFF)
        try requireUnlocked()
        try requireAdministrator()
        let (tag, value) = try PIVApplication.objectWrite(command.data)
        try image.piv.store(tag, value)
        return .done
    }

    /// 9B gives write access only on a blank application; after personalisation SC alone. A standard PIV card of
    /// another maker knows no such end.
    func requireAdministrator() throws(StatusWord) {
        if hasIssuerAccess { return }
        let isBlank = image.piv.directory.state == .selectable
        guard selection.administratorIsAuthenticated, isBlank else { throw .accessDenied }
    }

    /// 00 47 00 slot AC03 80 01 alg → 7F49 { 86 point }.
    mutating func generate(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p1 == 0x00, let slot = PIVApplication.Slot(rawValue: command.p2) else {
            throw .wrongParameters
        }
        try requireUnlocked()
        try requireAdministrator()
        // PIN and touch policies, which some makers add, are unknown here.
        guard let template = try? BERTLV.one(command.data), template.tag == 0xAC,
            let parameters = try? template.children(), let algorithm = try? parameters.value(0x80),
            algorithm.count == 1
        else { throw .wrongData }
        let curve: PublicKey.Algorithm
        switch algorithm[0] {
        case PIVApplication.p256: curve = .p256
        case PIVApplication.sm2 where image.make == .citizen: curve = .sm2
        default: throw .wrongData
        }
        guard let key = try? PrivateKey.generate(curve), let point = key.publicKey.point,
            let wrapped = try? key.pkcs8()
        else { throw .internalFault }
        // The image of a simulated card keeps its keys in clear.
        let octets = unsafe wrapped.withUnsafeOctets { unsafe Array($0) }
        image.piv.store(PIVApplication.SlotKey(slot: slot, algorithm: algorithm[0], key: octets))
        return Reply(data: BERTLV(0x7F49, [BERTLV(0x86, point)]).encoded)
    }

    /// 00 FD 00 00, which yubico-piv-tool asks.
    func getVersion(_ command: Command) throws(StatusWord) -> Reply {
        try command.parameters(0x00, 0x00)
        try requireUnlocked()
        return Reply(data: [0x05, 0x00, 0x00])
    }

    /// 00 FF FF FF|FE alg 9B len key: how a maker's tool changes 9B; on the foreign card alone.
    mutating func setManagementKey(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p1 == 0xFF, command.p2 == 0xFF || command.p2 == 0xFE else { throw .wrongParameters }
        try requireAdministrator()
        guard command.data.count >= 3, command.data[1] == 0x9B, command.data.count == 3 + Int(command.data[2]),
            command.data[0] == 0x03 && command.data[2] == 24 || command.data[0] == 0x08 && command.data[2] == 16
        else { throw .wrongData }
        image.piv.management = PIVApplication.ManagementKey(
            algorithm: command.data[0],
            key: Array(command.data.dropFirst(3))
        )
        return .done
    }
}
