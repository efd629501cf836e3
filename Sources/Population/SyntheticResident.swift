/// One invented resident as the fields of an import line.
package struct SyntheticResident: Hashable, Sendable {
    package var name: String
    package var documentType: String
    package var documentNumber: String
    package var sex: String
    /// Eight digits.
    package var birthDate: String
    package var ethnicGroup: String
    package var nationality: String
    package var district: String
    package var phone: String
    package var address: String

    /// Which document a Chinese citizen has.
    enum Paper { case resident, household }

    /// The line with its line break; fields with a comma or a quote are quoted.
    package var csv: String {
        let fields = [
            name, documentType, documentNumber, sex, birthDate, ethnicGroup, nationality, district, phone, address,
        ]
        return fields.map(Self.quoted).joined(separator: ",") + "\n"
    }

    static func namesake(
        _ index: Int,
        serial: Int,
        _ born: CivilDay,
        _ random: inout SplitMix
    ) -> SyntheticResident {
        let made = DocumentNumbers.resident(serial, born)
        var resident = basis("王芳", "01", made.number, born, index, &random)
        resident.sex = made.isMale ? "1" : "2"
        return resident
    }

    static func chinese(
        _ name: String,
        _ index: Int,
        _ slot: DaySlot,
        _ paper: Paper,
        _ random: inout SplitMix
    ) -> SyntheticResident {
        let born = paper == .household ? slot.day(from: 2015, years: 10) : slot.day(from: 1935, years: 80)
        let made = DocumentNumbers.resident(index, born)
        var resident = basis(name, paper == .household ? "07" : "01", made.number, born, index, &random)
        resident.sex = made.isMale ? "1" : "2"
        resident.ethnicGroup = name.contains("·") ? "05" : "01"
        return resident
    }

    static func foreigner(
        _ index: Int,
        _ slot: DaySlot,
        _ type: String,
        _ random: inout SplitMix
    ) -> SyntheticResident {
        let person = random.pick(NameStock.foreign)
        let born = slot.day(from: 1950, years: 55)
        let serial = DocumentNumbers.padded(index, 7)
        let number =
            type == "02"
            ? "E" + serial
            : person.nationality + "3201" + DocumentNumbers.padded(born.year % 100, 2)
                + DocumentNumbers.padded(index, 6)
        var resident = basis(person.name, type, number, born, index, &random)
        resident.nationality = person.nationality
        resident.ethnicGroup = ""
        return resident
    }

    /// 港澳台居民
    static func neighbour(
        _ name: String,
        _ index: Int,
        _ slot: DaySlot,
        _ type: String,
        _ random: inout SplitMix
    ) -> SyntheticResident {
        let born = slot.day(from: 1950, years: 55)
        let number =
            switch type {
            case "03": (random.below(2) == 0 ? "H" : "M") + DocumentNumbers.padded(index, 8)
            case "04": DocumentNumbers.padded(index, 8)
            default: DocumentNumbers.permit(index, born).number
            }
        var resident = basis(name, type, number, born, index, &random)
        if type == "06" { resident.sex = DocumentNumbers.permit(index, born).isMale ? "1" : "2" }
        return resident
    }

    private static func basis(
        _ name: String,
        _ type: String,
        _ number: String,
        _ born: CivilDay,
        _ index: Int,
        _ random: inout SplitMix
    ) -> SyntheticResident {
        let house = 9000 + random.below(999)
        let street = random.pick(NameStock.streets)
        return SyntheticResident(
            name: name,
            documentType: type,
            documentNumber: number,
            sex: random.below(2) == 0 ? "1" : "2",
            birthDate: String(born.year * 10_000 + born.month * 100 + born.day),
            ethnicGroup: "01",
            nationality: "CHN",
            district: random.pick(["320102", "320104", "320106", "320113"]),
            phone: "1999" + DocumentNumbers.padded(index % 10_000_000, 7),
            address: index % 50 == 7
                ? "\(street) \(house) 号, \"东\"单元" : "\(street) \(house) 号 \(1 + random.below(30)) 幢"
        )
    }

    private static func quoted(_ field: String) -> String {
        guard field.utf8.contains(where: { $0 == 0x2C || $0 == 0x22 }) else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
