import Certificates
import Cryptography
import Octets
import Testing

@Suite("证书 certificates of our own authorities")
struct CertificateTests {
    static let start: Int64 = 1_790_000_000
    let random = SystemRandom()

    func subject(_ name: String, _ key: PublicKey, years: Int64) -> CertificateIssuer.Subject {
        CertificateIssuer.Subject(
            name: DistinguishedName(organization: "示例市", commonName: name),
            key: key,
            serial: CertificateIssuer.serial(random),
            notBefore: Self.start,
            notAfter: Self.start + years * 31_557_600
        )
    }

    @Test
    func `a card certificate chains through the issuing authority to the root, and to no other root`() throws {
        let rootKey = try PrivateKey.generate(.p256)
        let issuingKey = try PrivateKey.generate(.p256)
        let cardKey = try PrivateKey.generate(.p256).publicKey
        let rootName = DistinguishedName(organization: "示例市", commonName: "Root")
        let root = try CertificateIssuer(name: rootName, signer: rootKey)
            .issue(.root, to: subject("Root", rootKey.publicKey, years: 20))
        let issuing = try CertificateIssuer(name: rootName, signer: rootKey)
            .issue(.issuing, to: subject("Card CA", issuingKey.publicKey, years: 15))
        let issuer = CertificateIssuer(
            name: DistinguishedName(organization: "示例市", commonName: "Card CA"),
            signer: issuingKey
        )
        let card = try issuer.issue(.cardAuthentication(policy: "2.25.1.1"), to: subject("00ff", cardKey, years: 10))
        #expect(card.chainFault(through: [issuing], to: [root], at: Self.start + 10) == nil)
        #expect(card.chainFault(through: [], to: [root], at: Self.start + 10) != nil)
        #expect(card.chainFault(through: [issuing], to: [root], at: Self.start - 10)?.code == 9)
        let strangerKey = try PrivateKey.generate(.p256)
        let stranger = try CertificateIssuer(name: rootName, signer: strangerKey)
            .issue(.root, to: subject("Root", strangerKey.publicKey, years: 20))
        #expect(card.chainFault(through: [issuing], to: [stranger], at: Self.start + 10) != nil)
        #expect(card.subject == "CN=00ff,O=示例市,C=CN")
        #expect(try Certificate(pem: card.pem).der == card.der)
    }

    @Test(arguments: [
        (0, "1970-01-01"), (951_782_400, "2000-02-29"), (4_107_542_400, "2100-03-01"), (-86_400, "1969-12-31"),
    ])
    func `the calendar agrees with known days`(seconds: Int64, date: String) {
        let time = CivilTime(seconds: seconds)
        #expect(time.isoDate == date)
        #expect(CivilTime.days(year: time.year, month: time.month, day: time.day) == Int(seconds / 86_400))
    }

    @Test
    func `there is no 30 February and no 29 February 2100`() {
        #expect(CivilTime.days(year: 2000, month: 2, day: 30) == nil)
        #expect(CivilTime.days(year: 2100, month: 2, day: 29) == nil)
    }
}
