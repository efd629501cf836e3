/// 字段错误 Why a value is no such thing: the field of the form and what is wrong with it, never the value.
package struct FieldFault: Error, Hashable, Sendable {
    /// The column of an import or the member of a request, such as `document_number`.
    package let field: Field
    package let reason: Reason

    package init(_ field: Field, _ reason: Reason) {
        self.field = field
        self.reason = reason
    }

    /// 登记项目 The particulars of a resident; the raw values are the columns of an import file.
    package enum Field: String, Hashable, Sendable, CaseIterable {
        case name
        case documentType = "document_type"
        case documentNumber = "document_number"
        case sex
        case birthDate = "birth_date"
        case ethnicGroup = "ethnic_group"
        case nationality, district, phone, address
    }

    /// What is wrong.
    package enum Reason: Hashable, Sendable {
        case missing
        case length
        case characters
        /// A character of a private-use area, by its code point: the same code is another character elsewhere.
        case privateUse(UInt32)
        case checkCharacter
        case noSuchDay
        case future
        case unknown
        /// The document says otherwise.
        case disagrees
        case form
    }
}
