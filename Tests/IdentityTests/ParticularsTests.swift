import Identity
import Testing

@Suite("登记项目 particulars of a resident")
struct ParticularsTests {
    private let today = BirthDate(dayOf: 1_767_225_600)

    private func entered(_ change: (inout Particulars.Entered) -> Void = { _ in }) -> Particulars.Entered {
        var entered = Particulars.Entered()
        entered.name = "张三"
        entered.documentType = "01"
        entered.documentNumber = "320100190001019070"
        entered.district = "320102"
        change(&entered)
        return entered
    }

    private func fault(_ change: (inout Particulars.Entered) -> Void) -> FieldFault? {
        #expect(throws: FieldFault.self) { try Particulars(entered(change), today: today) }
    }

    @Test
    func `the document tells sex and birth date, and contradiction names the field`() throws {
        let plain = try Particulars(entered(), today: today)
        #expect(plain.sex == .male && plain.birth.compact == "19000101" && plain.nationality == "CHN")
        #expect(fault { $0.sex = "2" } == FieldFault(.sex, .disagrees))
        #expect(fault { $0.sex = "3" } == FieldFault(.sex, .unknown))
        #expect(fault { $0.birthDate = "19000102" } == FieldFault(.birthDate, .disagrees))
        #expect(fault { $0.birthDate = "1990-02-30" } == FieldFault(.birthDate, .noSuchDay))
        #expect(fault { $0.birthDate = "30/2/1990" } == FieldFault(.birthDate, .form))
        #expect(try Particulars(entered { $0.birthDate = "1900-01-01" }, today: today).birth.iso == "1900-01-01")
    }

    @Test
    func `each missing or broken field is named`() {
        #expect(fault { $0.name = "" } == FieldFault(.name, .missing))
        #expect(fault { $0.documentType = "" } == FieldFault(.documentType, .missing))
        #expect(fault { $0.documentType = "08" } == FieldFault(.documentType, .unknown))
        #expect(fault { $0.documentNumber = "" } == FieldFault(.documentNumber, .missing))
        #expect(fault { $0.documentNumber = "320100190001019071" } == FieldFault(.documentNumber, .checkCharacter))
        #expect(fault { $0.ethnicGroup = "57" } == FieldFault(.ethnicGroup, .unknown))
        #expect(fault { $0.ethnicGroup = "1" } == FieldFault(.ethnicGroup, .form))
        #expect(fault { $0.nationality = "cn" } == FieldFault(.nationality, .form))
        #expect(fault { $0.district = "" } == FieldFault(.district, .missing))
        #expect(fault { $0.district = "3201" } == FieldFault(.district, .length))
        #expect(fault { $0.district = "32010a" } == FieldFault(.district, .characters))
        #expect(fault { $0.phone = "12012345678" } == FieldFault(.phone, .form))
        #expect(fault { $0.phone = "1391234567" } == FieldFault(.phone, .length))
        #expect(fault { $0.phone = "1391234567a" } == FieldFault(.phone, .characters))
        #expect(fault { $0.address = "秣陵路\u{0}" } == FieldFault(.address, .characters))
        #expect(fault { $0.address = "\u{E000}路" } == FieldFault(.address, .privateUse(0xE000)))
        #expect(fault { $0.address = String(repeating: "路", count: 101) } == FieldFault(.address, .length))
        #expect(
            fault {
                $0.documentType = "02"
                $0.documentNumber = "E12345678"
            } == FieldFault(.sex, .missing)
        )
    }

    @Test(arguments: [
        (DocumentType.passport, "e12345678", "E12345678"), (.passport, "AB123", "AB123"),
        (.hongKongMacaoPermit, "Ｈ12345678", "H12345678"), (.hongKongMacaoPermit, "M00000001", "M00000001"),
        (.taiwanPermit, "12345678", "12345678"), (.permanentResidence, "AUS110119900101", "AUS110119900101"),
        (.permanentResidence, "911036199001010017", "911036199001010017"),
        (.residencePermit, "810000199001010018", "810000199001010018"),
        (.householdRegister, "p320123456", "P320123456"),
        (.householdRegister, "320100190001019070", "320100190001019070"),
    ])
    func `documents of each type in the form that is stored`(type: DocumentType, typed: String, stored: String) throws {
        let number = typed.utf8.count == 18 && type != .householdRegister ? Self.withCheck(typed) : typed
        let document = try IdentityDocument(type, number, today: today)
        #expect(document.number == (number == typed ? stored : number))
        #expect(document.masked.count == document.number.count && document.masked.contains("*"))
    }

    @Test(arguments: [
        (DocumentType.passport, "1234", FieldFault.Reason.length), (.passport, "ABCDEF", .form),
        (.passport, "E1234-678", .characters), (.hongKongMacaoPermit, "A12345678", .form),
        (.hongKongMacaoPermit, "H1234567", .length), (.taiwanPermit, "1234567A", .form),
        (.permanentResidence, "AU1110119900101", .form), (.permanentResidence, "810000199001010018", .checkCharacter),
        (.residencePermit, "320100190001019070", .unknown), (.residentCard, "810000199001010018", .checkCharacter),
        (.householdRegister, "3201234567", .form), (.residentCard, "320100000101990", .length),
    ])
    func `numbers of another form are refused`(type: DocumentType, number: String, reason: FieldFault.Reason) {
        #expect(throws: FieldFault(.documentNumber, reason)) { try IdentityDocument(type, number, today: today) }
    }

    @Test
    func `telephone numbers have one form each`() throws {
        for typed in ["139 1234 5678", "+86-13912345678", "0086 13912345678", "１３９１２３４５６７８"] {
            #expect(try PhoneNumber(entered: typed).text == "13912345678")
        }
        #expect(try PhoneNumber(entered: "(025) 8412-3456").text == "02584123456")
        #expect(try PhoneNumber(entered: "+852 9123 4567").text == "+85291234567")
        #expect(throws: FieldFault(.phone, .length)) { try PhoneNumber(entered: "+1") }
    }

    /// The same number with its right check character, found by trying all eleven.
    private static func withCheck(_ number: String) -> String {
        let today = BirthDate(dayOf: 1_767_225_600)
        for last in "0123456789X" {
            let candidate = String(number.dropLast()) + String(last)
            for type in DocumentType.allCases where (try? IdentityDocument(type, candidate, today: today)) != nil {
                return candidate
            }
        }
        return number
    }
}
