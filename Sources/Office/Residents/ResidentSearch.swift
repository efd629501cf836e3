import Cards
import Database
import Identity

/// 查找条件 By what a person is looked for; the values as they were typed.
package enum ResidentSearch: Hashable, Sendable {
    /// Any document's number, also one of fifteen digits.
    case document(String)
    case phone(String)
    case card(String)
    case name(String)
    /// The date as eight digits, or with hyphens.
    case nameAndBirth(String, String)
    case firstCharacter(String)
    case firstTwoCharacters(String)

    /// For the log: by what, not the value.
    var word: String {
        switch self {
        case .document: "document"
        case .phone: "phone"
        case .card: "card"
        case .name: "name"
        case .nameAndBirth: "name+birth"
        case .firstCharacter: "name-1"
        case .firstTwoCharacters: "name-2"
        }
    }

    /// The query for the row numbers of those who fit; throws `.invalid` for what cannot be a value of its kind.
    func places(_ vault: ResidentVault, today: BirthDate) throws -> Query {
        switch self {
        case .document(let number):
            return try Self.documentPlaces(number, today, vault)
        case .phone(let number):
            let phone: PhoneNumber
            do throws(FieldFault) { phone = try PhoneNumber(entered: number) } catch { throw Refusal(error) }
            return Self.place(.phone, try vault.index(.phone, kind: ResidentIndex.Kind.phone.text, phone.text))
        case .card(let digits):
            let number: CardNumber
            do throws(CardNumber.Fault) { number = try CardNumber(digits.filter { $0 != " " }) } catch {
                throw Refusal.invalid(field: "card", error == .checkDigit ? .checkDigit : .format)
            }
            let index = try vault.index(.cardno, kind: "cardno", number.digits)
            return "SELECT resident_id FROM card WHERE number_bi = \(index)"
        case .name(let text):
            return try Self.named(.name, try Self.name(text).indexForm, vault)
        case .nameAndBirth(let text, let date):
            let birth: BirthDate
            do throws(BirthDate.Fault) { birth = try BirthDate(date) } catch {
                throw Refusal.invalid(field: "birth_date", .date)
            }
            return try Self.named(.nameAndBirth, ResidentIndex.joined(Self.name(text).indexForm, birth), vault)
        case .firstCharacter(let text):
            return try Self.named(.firstCharacter, Self.part(text, 1), vault)
        case .firstTwoCharacters(let text):
            return try Self.named(.firstTwoCharacters, Self.part(text, 2), vault)
        }
    }

    /// A number alone does not tell its document: every type that it fits is asked.
    private static func documentPlaces(_ number: String, _ today: BirthDate, _ vault: ResidentVault) throws -> Query {
        func place(_ type: DocumentType, _ number: String) throws -> Query {
            let index = try vault.index(.document, kind: type.indexKind, number)
            return "SELECT resident_id FROM id_index WHERE kind = \(type.indexNumber) AND bi = \(index)"
        }
        var places: [Query] = []
        for type in DocumentType.allCases {
            guard let document = try? IdentityDocument(type, number, today: today) else { continue }
            places.append(try place(type, document.number))
        }
        if let old = try? ResidentNumber(old: number, today: today) {
            places.append(try place(.residentCard, old.text))
        }
        guard !places.isEmpty else { throw Refusal.invalid(field: "document_number", .format) }
        return .joined(places, by: " UNION ")
    }

    private static func named(_ kind: ResidentIndex.Kind, _ value: String, _ vault: ResidentVault) throws -> Query {
        place(kind, try vault.index(.name, kind: kind.text, value))
    }

    private static func place(_ kind: ResidentIndex.Kind, _ index: [UInt8]) -> Query {
        "SELECT resident_id FROM name_index WHERE kind = \(kind.rawValue) AND bi = \(index)"
    }

    private static func name(_ text: String) throws -> PersonName {
        do throws(FieldFault) { return try PersonName(text) } catch { throw Refusal(error) }
    }

    private static func part(_ text: String, _ count: Int) throws -> String {
        let form = PersonName.indexForm(ofPart: text)
        guard form.count == count else { throw Refusal.invalid(field: "name", .length) }
        return form
    }
}
