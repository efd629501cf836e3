import CardEngine
import CardSimulator
import Certificates
import Cryptography
import Encodings
import Octets
import Purses
import Testing

/// Keys of one card from two fixed masters, as the key service derives them.
struct TestKeys: CardKeySource {
    static let lotMaster: [UInt8] = Array(0x40...0x4F)
    static let issuerMaster: [UInt8] = Array(0x00...0x0F)

    func keySet(_ version: UInt8, csn: [UInt8]) throws -> CardKeySet {
        let master = version == 0xFF ? Self.lotMaster : Self.issuerMaster
        func part(_ name: String) throws -> SecretOctets {
            try KeyDerivation.counterCMAC(
                .aes128,
                master: SecretOctets(copying: master),
                label: "CC1/SCP03/\(name)",
                context: csn + [version]
            )
        }
        return CardKeySet(
            version: version,
            encryption: try part("ENC"),
            authentication: try part("MAC"),
            dataEncryption: try part("DEK")
        )
    }

    static let purseRoot: [UInt8] = Array(0xC0...0xCF)

    func key(_ use: CardKeyUse, csn: [UInt8], cardNumber: [UInt8]) throws -> SecretOctets {
        if [.purchase, .load, .transactionCode].contains(use) {
            let root = SecretOctets(
                copying: Self.purseRoot.map { use == .purchase ? $0 : $0 ^ UInt8(use == .load ? 1 : 2) }
            )
            let city = try PurseSuite.sm4.diversified(root, by: [0x32, 0x01, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
            return try PurseSuite.sm4.diversified(city, by: Array(cardNumber.suffix(8)))
        }
        return try KeyDerivation.counterCMAC(
            .aes128,
            master: SecretOctets(copying: Self.issuerMaster),
            label: "TEST/\(use.rawValue)",
            context: csn + [1]
        )
    }
}

/// Plays service, relay and reader for one card, and can tear the card out at any command.
final class TestDesk {
    enum Cut { case beforeCommand, afterCommand }

    var card: VirtualCard
    var machine: Personalisation
    private let authority: CertificateIssuer
    private let objectKey: PrivateKey
    private(set) var commands = 0
    var cut: (at: Int, Cut)?
    var tears = 0

    static func plan(csn: [UInt8], photo: Int = 700) throws -> PersonalisationPlan {
        let content = CitizenFiles.Content(
            cardNumber: "00013201000000000126",
            issuerCode: "320100",
            kind: 1,
            issued: "20261001",
            expires: "20361001",
            reissue: 0,
            name: "张三",
            documentType: "01",
            documentNumber: "320100199001019070",
            sex: "1",
            ethnicGroup: "01",
            birth: "19900101",
            address: "示例市示例区示例路 1 号",
            nationality: "CHN",
            photo: [UInt8](repeating: 0x5A, count: photo)
        )
        let random = SeededRandom(seed: 7, actor: "plan")
        return PersonalisationPlan(
            csn: csn,
            cardNumber: try Hex.decode("00013201000000000126"),
            files: try CitizenFiles(content, random: random),
            transportPIN: Array("493817".utf8) + [0xFF, 0xFF],
            unblockingKey: Array("80271634".utf8),
            issuerCode: [0x32, 0x01, 0x00],
            validFrom: [0x20, 0x26, 0x10, 0x01],
            validTo: [0x20, 0x36, 0x10, 0x01],
            purseLimitFen: 100_000
        )
    }

    init(serial: UInt32 = 7, photo: Int = 700) throws {
        let chip = ChipSerial(number: serial)
        card = VirtualCard(
            try CardImage(blank: chip, lotMaster: TestKeys.lotMaster),
            random: SeededRandom(seed: 1, actor: "card")
        )
        objectKey = try PrivateKey.generate(.p256)
        authority = CertificateIssuer(
            name: DistinguishedName(organization: "示例市", commonName: "Card CA"),
            signer: try PrivateKey.generate(.p256)
        )
        machine = Personalisation(
            plan: try Self.plan(csn: chip.octets, photo: photo),
            memory: PersonalisationMemory(),
            keys: TestKeys(),
            objectSigner: objectKey.publicKey,
            random: SeededRandom(seed: 2, actor: "service")
        )
    }

    /// Runs to the end; gives the reason when the card was set aside.
    func run() throws -> Personalisation.Reason? {
        var action = machine.step(.presented)
        for _ in 0..<200 {
            switch action {
            case .finished: return nil
            case .quarantine(let reason): return reason
            case .sign(let body):
                guard let raw = SignatureForm.raw(fromDER: try objectKey.sign(body)) else { return .keyService }
                action = machine.step(.signed(raw))
            case .certify(let keys):
                var certificates: [PIVSlot: Certificate] = [:]
                for (slot, key) in keys {
                    let subject = CertificateIssuer.Subject(
                        name: DistinguishedName(organization: "示例市", commonName: "card \(slot.name)"),
                        key: key,
                        serial: CertificateIssuer.serial(SystemRandom()),
                        notBefore: 1_790_000_000,
                        notAfter: 2_100_000_000
                    )
                    certificates[slot] = try authority.issue(.cardProof(policy: "2.25.1.3"), to: subject)
                }
                action = machine.step(.certified(certificates))
            case .send(let script):
                guard let event = relay(script) else {
                    // A tear: the service begins again from what it remembers.
                    tears += 1
                    machine = Personalisation(
                        plan: machine.plan,
                        memory: machine.memory,
                        keys: TestKeys(),
                        objectSigner: objectKey.publicKey,
                        random: SeededRandom(seed: 3, actor: "service after tear \(tears)")
                    )
                    card.reset()
                    action = machine.step(.presented)
                    continue
                }
                action = machine.step(event)
            }
        }
        return .keyService
    }

    private func relay(_ script: CardScript) -> Personalisation.Event? {
        var responses: [ResponseAPDU] = []
        for (index, relayed) in script.commands.enumerated() {
            commands += 1
            if let cut, cut.at == commands, cut.1 == .beforeCommand { self.cut = nil; return nil }
            let octets = card.process(relayed.command.encoded)
            if let cut, cut.at == commands, cut.1 == .afterCommand { self.cut = nil; return nil }
            guard let response = ResponseAPDU(octets) else { return nil }
            responses.append(response)
            guard relayed.pattern.matches(response.status) else { return .stopped(at: index, responses) }
        }
        return .answered(responses)
    }
}

@Suite("制卡 personalisation of a CC-1 card")
struct PersonalisationTests {
    @Test
    func `a blank card is made, read back and proven`() throws {
        let desk = try TestDesk()
        #expect(try desk.run() == nil)
        #expect(desk.machine.memory.certificates.count == 4)
        #expect(desk.commands > 60)
    }

    @Test(arguments: [TestDesk.Cut.beforeCommand, .afterCommand])
    func `a card torn out at any command is finished as the same card`(cut: TestDesk.Cut) throws {
        let whole = try TestDesk()
        _ = try whole.run()
        for index in 1...whole.commands {
            let desk = try TestDesk()
            desk.cut = (index, cut)
            let reason = try desk.run()
            #expect(
                reason == nil,
                "\(cut) at \(index): \(String(describing: reason)), phase \(desk.machine.memory.phase)"
            )
            #expect(desk.tears == 1)
        }
    }

    @Test
    func `another card in the reader is set aside at once`() throws {
        let desk = try TestDesk()
        desk.card = VirtualCard(
            try CardImage(blank: ChipSerial(number: 8), lotMaster: TestKeys.lotMaster),
            random: SystemRandom()
        )
        #expect(try desk.run() == .otherCard)
    }

    @Test
    func `a card of another lot is not opened`() throws {
        let desk = try TestDesk()
        desk.card = VirtualCard(
            try CardImage(blank: ChipSerial(number: 7), lotMaster: [UInt8](repeating: 1, count: 16)),
            random: SystemRandom()
        )
        #expect(try desk.run() != nil)
    }
}
