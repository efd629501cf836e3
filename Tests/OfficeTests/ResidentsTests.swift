import Cards
import Cryptography
import Database
import Encodings
import Identity
import Office
import Testing

@Suite("居民 residents: register, find, show")
struct ResidentsTests {
    static func entered(
        _ name: String,
        _ number: String,
        phone: String = "",
        type: String = "01"
    ) -> Particulars.Entered {
        var entered = Particulars.Entered()
        entered.name = name
        entered.documentType = type
        entered.documentNumber = number
        entered.district = "320102"
        entered.phone = phone
        entered.address = "秣陵路 1 号"
        return entered
    }

    @Test
    func `two namesakes are told apart, by every way of looking`() async throws {
        let test = try await TestOffice()
        let office = test.office
        var numbers: [Int64] = []
        for (name, number) in [
            ("张三", "320100190001019070"), ("张三", "32010020000229998X"), ("张伟", "320600190001019190"),
        ] {
            let done = try await office.perform(
                RegisterResident(Self.entered(name, number, phone: "139 1234 5678")),
                by: test.clerk
            )
            numbers.append(done.answer.resident)
        }
        let reason = try LookReason("办理市民卡")
        let unused = try CardNumber(city: "3201", sequence: 999).digits
        let expected: [(ResidentSearch, [Int64])] = [
            (.document("３２０１００１９０００１０１９０７０"), [numbers[0]]), (.document("320100000101907"), [numbers[0]]),
            (.document("32010020000229998x"), [numbers[1]]),
            (.phone("+86 13912345678"), numbers), (.name("张三"), Array(numbers.prefix(2))),
            (.nameAndBirth("张三", "2000-02-29"), [numbers[1]]), (.firstCharacter("张"), numbers),
            (.firstTwoCharacters("张伟"), [numbers[2]]), (.name("李四"), []), (.card(unused), []),
        ]
        for (search, found) in expected {
            let answer = try await office.perform(FindResidents(search, reason: reason), by: test.clerk).answer
            #expect(answer.found.map(\.resident) == found, "\(search)")
            #expect(!answer.isCutOff)
        }
        let namesakes = try await office.perform(FindResidents(.name("张三"), reason: reason), by: test.hotline).answer
        #expect(namesakes.found.map(\.birth) == ["1900-01-01", "2000-02-29"])
        #expect(namesakes.found[0].maskedDocument == "3****************0")
        #expect(namesakes.json["residents"]?.array?[0]["resident"] == .string(String(numbers[0])))

        let card = try await office.perform(OrderCard(resident: numbers[1], kind: 1), by: test.clerk).answer.card
        let shown = try await office.perform(ShowResident(numbers[1], reason: reason), by: test.clerk).answer
        #expect(shown.file.documentNumber == "32010020000229998X" && shown.file.sex == "2")
        #expect(shown.cards.map(\.reference) == [card] && shown.cards[0].state == .ordered)
        let sealed: [UInt8] = try await test.owner.one("SELECT number_enc FROM card").value("number_enc")
        let row = try await test.owner.one(
            "SELECT wrapped, kek_ver FROM resident_dek WHERE resident_id = \(numbers[1])"
        )
        let key = try office.vault.openKey(
            for: numbers[1],
            wrapped: row.value("wrapped"),
            kekVersion: row.value("kek_ver")
        )
        let digits = try office.vault.open(sealed, table: "card", column: "number_enc", with: key)
        let byCard = try await office.perform(
            FindResidents(.card(String(decoding: digits, as: UTF8.self)), reason: reason),
            by: test.clerk
        )
        #expect(byCard.answer.found.map(\.resident) == [numbers[1]])
    }

    @Test
    func `a look leaves evidence with its reason sealed, and needs one`() async throws {
        let test = try await TestOffice()
        let act = RegisterResident(Self.entered("张三", "320100190001019070"))
        let resident = try await test.office.perform(act, by: test.clerk).answer.resident
        _ = try await test.office.perform(ShowResident(resident, reason: LookReason("核对")), by: test.clerk)
        let find = FindResidents(.name("张三"), reason: try LookReason("核对"))
        _ = try await test.office.perform(find, by: test.clerk)
        #expect(try await test.acts() == ["resident.register", "pii.look", "pii.look"])
        let rows = try await test.owner.all("SELECT body, subject, opening FROM evidence_pending ORDER BY id")
        for row in rows {
            let body: String = try row.value("body")
            #expect(!body.contains("张三") && !body.contains("320100190001019070") && !body.contains("核对"))
            #expect(!body.contains(String(resident)))
            #expect(try row.value("subject", as: Int64?.self) == resident)
            #expect(try row.value("opening", as: [UInt8]?.self) != nil)
        }
        for text in ["", "  ", String(repeating: "x", count: 201), "a\u{7}b"] {
            #expect(throws: Refusal.self) { try LookReason(text) }
        }
    }

    @Test
    func `who may not is refused before a row is read, and the refusal is kept`() async throws {
        let test = try await TestOffice()
        let act = RegisterResident(Self.entered("张三", "320100190001019070"))
        for caller in [test.hotline, test.auditor, test.operating] {
            await #expect(throws: Refusal.forbidden(act: "resident.register", role: caller.role)) {
                try await test.office.perform(act, by: caller)
            }
        }
        await #expect(throws: Refusal.forbidden(act: "resident.show", role: "hotline")) {
            try await test.office.perform(ShowResident(1, reason: LookReason("x")), by: test.hotline)
        }
        await #expect(throws: Refusal.absent(.resident)) {
            try await test.office.perform(ShowResident(1, reason: LookReason("x")), by: test.clerk)
        }
        #expect(try await test.counts() == [0, 0, 0, 0])
        #expect(try await test.acts() == ["refusal", "refusal", "refusal", "refusal"])
    }

    @Test
    func `the same key gives the first answer, and one document is one person`() async throws {
        let test = try await TestOffice()
        let act = RegisterResident(Self.entered("张三", "320100190001019070"))
        let key = Office.RequestKey(key: "k1", requestHash: [1])
        let first = try await test.office.perform(act, by: test.clerk, key: key)
        let again = try await test.office.perform(act, by: test.clerk, key: key)
        #expect(first.answer.resident == again.answer.resident)
        await #expect(throws: Refusal.keyReused) {
            try await test.office.perform(act, by: test.clerk, key: Office.RequestKey(key: "k1", requestHash: [2]))
        }
        await #expect(throws: Refusal.conflict(.documentTaken)) {
            try await test.office.perform(act, by: test.clerk)
        }
        await #expect(throws: Refusal.invalid(field: "document_number", .checkDigit)) {
            try await test.office.perform(
                RegisterResident(Self.entered("张三", "320100190001019071")),
                by: test.clerk
            )
        }
        let counts = try await test.counts()
        #expect(counts[0] == 1 && counts[1] == 1 && counts[2] == 1 && counts[3] == 4)
        // A look is never stored with its key.
        let find = FindResidents(.name("张三"), reason: try LookReason("核对"))
        _ = try await test.office.perform(find, by: test.clerk, key: Office.RequestKey(key: "k2", requestHash: [1]))
        #expect(try await test.owner.one("SELECT count(*) AS n FROM idempotency").value("n", as: Int64.self) == 1)
    }

    @Test
    func `a sealed value does not open in another row, column or resident`() async throws {
        let test = try await TestOffice()
        var residents: [Int64] = []
        for number in ["320100190001019070", "32010020000229998X"] {
            let act = RegisterResident(Self.entered("张三", number))
            residents.append(try await test.office.perform(act, by: test.clerk).answer.resident)
        }
        let show = ShowResident(residents[1], reason: try LookReason("核对"))
        _ = try await test.office.perform(show, by: test.clerk)
        let swaps: [Query] = [
            "UPDATE resident SET name_enc = (SELECT name_enc FROM resident WHERE resident_id = \(residents[0]))",
            "UPDATE resident SET name_enc = address_enc WHERE resident_id = \(residents[1])",
            """
            UPDATE resident_dek SET wrapped = (SELECT wrapped FROM resident_dek WHERE resident_id = \(residents[0]))
            WHERE resident_id = \(residents[1])
            """,
        ]
        for swap in swaps {
            let saved: [UInt8] = try await test.owner.one(
                "SELECT name_enc FROM resident WHERE resident_id = \(residents[1])"
            ).value("name_enc")
            try await test.owner.execute(swap)
            await #expect(throws: (any Error).self) { try await test.office.perform(show, by: test.clerk) }
            try await test.owner.execute(
                "UPDATE resident SET name_enc = \(saved) WHERE resident_id = \(residents[1])"
            )
        }
    }

    @Test
    func `a photo is a JPEG that the card can hold`() async throws {
        let test = try await TestOffice()
        let act = RegisterResident(Self.entered("张三", "320100190001019070"))
        let resident = try await test.office.perform(act, by: test.clerk).answer.resident
        let photo: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3, 0xFF, 0xD9]
        _ = try await test.office.perform(SetPhoto(resident, photo: photo), by: test.clerk)
        let show = ShowResident(resident, reason: try LookReason("核对"))
        #expect(try await test.office.perform(show, by: test.clerk).answer.file.photo == photo)
        for wrong in [[], [1, 2, 3], photo + [0], [UInt8](repeating: 0xFF, count: 6143)] {
            await #expect(throws: Refusal.self) {
                try await test.office.perform(SetPhoto(resident, photo: wrong), by: test.clerk)
            }
        }
        await #expect(throws: Refusal.absent(.resident)) {
            try await test.office.perform(SetPhoto(resident + 1, photo: photo), by: test.clerk)
        }
    }

    @Test
    func `fifty rows at most, and the answer says that there are more`() async throws {
        let test = try await TestOffice()
        for index in 0..<52 {
            let number = "E" + String(100_000 + index)
            var entered = Self.entered("王芳", number, type: "02")
            entered.sex = "2"
            entered.birthDate = "19900101"
            entered.nationality = "CHN"
            _ = try await test.office.perform(RegisterResident(entered), by: test.clerk)
        }
        let find = FindResidents(.name("王芳"), reason: try LookReason("核对"))
        let answer = try await test.office.perform(find, by: test.clerk).answer
        #expect(answer.found.count == 50 && answer.isCutOff)
    }
}
