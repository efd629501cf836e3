import Identity

/// 盲索引行 The keyed index rows under which one resident is found.
///
/// Only the document is unique. A telephone is shared by a family and goes to a new owner after a while, so it lies
/// beside the names.
struct ResidentIndex: Sendable {
    /// Numbers and texts of table `id_kind`.
    enum Kind: Int16, Sendable {
        case phone = 20
        case name = 40
        case nameAndBirth = 41
        case firstCharacter = 42
        case firstTwoCharacters = 43

        var text: String {
            switch self {
            case .phone: "phone"
            case .name: "name"
            case .nameAndBirth: "name+birth"
            case .firstCharacter: "name-1"
            case .firstTwoCharacters: "name-2"
            }
        }
    }

    let documentKind: Int16
    let document: [UInt8]
    /// Kind and index of each row of `name_index`.
    let others: [(kind: Int16, index: [UInt8])]

    /// The rows of one resident's particulars.
    init(_ particulars: Particulars, _ vault: ResidentVault) throws {
        let name = particulars.name
        documentKind = particulars.document.type.indexNumber
        document = try vault.index(
            .document,
            kind: particulars.document.type.indexKind,
            particulars.document.number
        )
        var kinds: [Kind] = [.name, .nameAndBirth, .firstCharacter]
        var values = [
            name.indexForm, Self.joined(name.indexForm, particulars.birth), name.firstCharacter,
        ]
        if let two = name.firstTwoCharacters {
            kinds.append(.firstTwoCharacters)
            values.append(two)
        }
        let indexes = try vault.indexes(.name, zip(kinds, values).map { (kind: $0.text, value: $1) })
        var others = zip(kinds, indexes).map { (kind: $0.rawValue, index: $1) }
        if let phone = particulars.phone {
            others.append((Kind.phone.rawValue, try vault.index(.phone, kind: Kind.phone.text, phone.text)))
        }
        self.others = others
    }

    /// The value of the look-up by name and birth date; a name holds no stroke.
    static func joined(_ indexForm: String, _ birth: BirthDate) -> String { indexForm + "/" + birth.compact }
}
