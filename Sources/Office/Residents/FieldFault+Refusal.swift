package import Identity

extension Refusal {
    /// The refusal of a field of the form.
    package init(_ fault: FieldFault) { self = .invalid(field: fault.field.rawValue, Reason(fault.reason)) }
}

extension Refusal.Reason {
    /// The code point of a private-use character and the kind of wrong date are told by the form, not by the refusal.
    init(_ reason: FieldFault.Reason) {
        self =
            switch reason {
            case .missing: .missing
            case .length: .length
            case .characters: .characters
            case .privateUse: .privateUse
            case .checkCharacter: .checkDigit
            case .noSuchDay, .future: .date
            case .unknown: .unknown
            case .disagrees: .disagrees
            case .form: .format
            }
    }
}
