/// 登记项目 What the city writes down of a resident, checked field by field and against the document.
package struct Particulars: Hashable, Sendable {
    package let name: PersonName
    package let document: IdentityDocument
    package let sex: Sex
    package let birth: BirthDate
    /// 民族 GB/T 3304 in two digits; empty when it is not told.
    package let ethnicGroup: String
    /// 国籍 GB/T 2659 in three letters.
    package let nationality: String
    package let district: DivisionCode
    package let phone: PhoneNumber?
    /// Empty when it is not told.
    package let address: String

    /// Octets of UTF-8: the card's file EF09 must hold it beside the other fields.
    package static let addressLimit = 300

    /// The particulars as they were typed or stand in a file.
    package struct Entered: Hashable, Sendable {
        package var name = ""
        package var documentType = ""
        package var documentNumber = ""
        package var sex = ""
        package var birthDate = ""
        package var ethnicGroup = ""
        package var nationality = ""
        package var district = ""
        package var phone = ""
        package var address = ""

        package init() {}
    }

    /// Checks everything; throws the first fault in the order of the fields.
    package init(_ entered: Entered, today: BirthDate) throws(FieldFault) {
        name = try PersonName(entered.name)
        guard !entered.documentType.isEmpty else { throw FieldFault(.documentType, .missing) }
        guard let type = DocumentType(rawValue: entered.documentType) else { throw FieldFault(.documentType, .unknown) }
        document = try IdentityDocument(type, entered.documentNumber, today: today)
        sex = try Self.sex(entered.sex, document)
        birth = try Self.birth(entered.birthDate, document, today)
        ethnicGroup = try Self.ethnicGroup(entered.ethnicGroup)
        nationality = try Self.nationality(entered.nationality, type)
        district = try DivisionCode(entered.district)
        phone = entered.phone.isEmpty ? nil : try PhoneNumber(entered: entered.phone)
        guard entered.address.utf8.count <= Self.addressLimit else { throw FieldFault(.address, .length) }
        if let reason = WrittenScript.fault(inAddress: entered.address) { throw FieldFault(.address, reason) }
        address = entered.address
    }

    private static func sex(_ text: String, _ document: IdentityDocument) throws(FieldFault) -> Sex {
        guard !text.isEmpty else {
            guard let sex = document.sex else { throw FieldFault(.sex, .missing) }
            return sex
        }
        guard let sex = Sex(rawValue: text) else { throw FieldFault(.sex, .unknown) }
        guard document.sex == nil || document.sex == sex else { throw FieldFault(.sex, .disagrees) }
        return sex
    }

    private static func birth(
        _ text: String,
        _ document: IdentityDocument,
        _ today: BirthDate
    ) throws(FieldFault) -> BirthDate {
        guard !text.isEmpty else {
            guard let birth = document.birth else { throw FieldFault(.birthDate, .missing) }
            return birth
        }
        let birth: BirthDate
        do throws(BirthDate.Fault) { birth = try BirthDate(text) } catch {
            throw FieldFault(.birthDate, error == .form ? .form : .noSuchDay)
        }
        guard birth <= today else { throw FieldFault(.birthDate, .future) }
        guard document.birth == nil || document.birth == birth else { throw FieldFault(.birthDate, .disagrees) }
        return birth
    }

    /// 01 to 56 are the peoples of the country, 97 others, 98 naturalised.
    private static func ethnicGroup(_ text: String) throws(FieldFault) -> String {
        guard !text.isEmpty else { return text }
        guard text.utf8.count == 2, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text) else {
            throw FieldFault(.ethnicGroup, .form)
        }
        guard (1...56).contains(number) || number == 97 || number == 98 else {
            throw FieldFault(.ethnicGroup, .unknown)
        }
        return text
    }

    private static func nationality(_ text: String, _ type: DocumentType) throws(FieldFault) -> String {
        guard !text.isEmpty else {
            guard type != .passport, type != .permanentResidence else { throw FieldFault(.nationality, .missing) }
            return "CHN"
        }
        guard text.utf8.count == 3, text.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw FieldFault(.nationality, .form)
        }
        return text
    }
}
