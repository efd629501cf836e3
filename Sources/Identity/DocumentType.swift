/// 证件类型 The documents by which a person is known to the city; the raw values are tag D1 of the card (CC-1, 2.10).
package enum DocumentType: String, Hashable, Sendable, CaseIterable {
    /// 居民身份证
    case residentCard = "01"
    /// 护照
    case passport = "02"
    /// 港澳居民来往内地通行证
    case hongKongMacaoPermit = "03"
    /// 台湾居民来往大陆通行证
    case taiwanPermit = "04"
    /// 外国人永久居留身份证
    case permanentResidence = "05"
    /// 港澳台居民居住证
    case residencePermit = "06"
    /// 户口簿 (with 出生医学证明): children without a card of their own.
    case householdRegister = "07"

    /// The kind's text in the keyed index, where it stands in the message.
    package var indexKind: String {
        switch self {
        case .residentCard: "111"
        case .passport: "414"
        case .hongKongMacaoPermit: "516"
        case .taiwanPermit: "511"
        case .permanentResidence: "553"
        case .residencePermit: "810"
        case .householdRegister: "113"
        }
    }

    /// The kind's number in table `id_kind`.
    package var indexNumber: Int16 {
        switch self {
        case .residentCard: 1
        case .passport: 2
        case .hongKongMacaoPermit: 3
        case .taiwanPermit: 4
        case .permanentResidence: 5
        case .residencePermit: 6
        case .householdRegister: 7
        }
    }
}
