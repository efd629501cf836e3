import Encodings
import Identity

/// 列 Where each particular stands in a line, by the names in the first line.
struct ImportColumns: Sendable {
    private let places: [FieldFault.Field: Int]
    /// Fields of a line.
    let count: Int

    /// Reads the first line; every column is due once, none else.
    init(_ names: [String]) throws(ImportFault) {
        let known = Set(FieldFault.Field.allCases.map(\.rawValue))
        let unknown = names.filter { !known.contains($0) }.map { String($0.prefix(40)) }
        let missing = FieldFault.Field.allCases.map(\.rawValue).filter { !names.contains($0) }
        let repeated = known.filter { name in names.count(where: { $0 == name }) > 1 }.sorted()
        guard unknown.isEmpty, missing.isEmpty, repeated.isEmpty else {
            throw .columns(unknown: unknown, missing: missing, repeated: repeated)
        }
        var places: [FieldFault.Field: Int] = [:]
        for field in FieldFault.Field.allCases { places[field] = names.firstIndex(of: field.rawValue) }
        self.places = places
        count = names.count
    }

    /// The particulars of a line with the right number of fields.
    func entered(_ fields: [String]) -> Particulars.Entered {
        func text(_ field: FieldFault.Field) -> String { places[field].map { fields[$0] } ?? "" }
        var entered = Particulars.Entered()
        entered.name = text(.name)
        entered.documentType = text(.documentType)
        entered.documentNumber = text(.documentNumber)
        entered.sex = text(.sex)
        entered.birthDate = text(.birthDate)
        entered.ethnicGroup = text(.ethnicGroup)
        entered.nationality = text(.nationality)
        entered.district = text(.district)
        entered.phone = text(.phone)
        entered.address = text(.address)
        return entered
    }
}
