/// 合成人口 Invented residents as the lines of an import file: the same seed gives the same file on every machine.
///
/// Every number is well formed and no one's: 320100, 320600 and 321300 are areas of whole cities, which were never given
/// to a person. Telephone numbers begin with 1999, addresses have no such house.
package struct Population: Sendable {
    /// The first line.
    package static let header =
        "name,document_type,document_number,sex,birth_date,ethnic_group,nationality,district,phone,address\n"

    private let seed: UInt64
    private let count: Int
    private let badLines: Int

    /// `count` good lines with `badLines` bad ones strewn between them.
    package init(seed: UInt64, count: Int, badLines: Int = 0) {
        self.seed = seed
        self.count = max(count, 0)
        self.badLines = max(badLines, 0)
    }

    /// The lines of a file, the header first, each with its line break.
    package static func csv(seed: UInt64, count: Int, badLines: Int = 0) -> some Sequence<String> {
        Population(seed: seed, count: count, badLines: badLines).lines
    }

    /// The header and the lines, made one by one.
    package var lines: some Sequence<String> {
        let total = count + badLines
        var place = -1
        var bad = 0
        return AnyIterator {
            defer { place += 1 }
            guard place >= 0 else { return Self.header }
            guard place < total else { return nil }
            // Spread evenly: line n is bad where the share of bad lines passes a whole number.
            let due = (place + 1) * self.badLines / total
            if due > bad {
                bad = due
                return self.badLine(bad - 1, at: place - bad + 1)
            }
            return self.resident(place - bad).csv
        }
    }

    /// The person of a good line, counted from 0.
    package func resident(_ index: Int) -> SyntheticResident {
        var random = SplitMix(seed: seed &+ UInt64(index) &* 0xD1B5_4A32_D192_ED03)
        let slot = DaySlot(index, seed: seed)
        let trio = index / 100
        switch index % 100 {
        // 同名 In each of the first hundreds three of one name with two birth dates, two of whom share the day. Slots
        // have no days behind the 28th, so that their numbers are nobody else's.
        case 10 where trio < 999: return .namesake(index, serial: trio * 2, (1988, 6, 29), &random)
        case 11 where trio < 999: return .namesake(index, serial: trio * 2 + 1, (1988, 6, 29), &random)
        case 12 where trio < 999: return .namesake(index, serial: trio, (1965, 3, 30), &random)
        case 20, 21, 22:
            let name = random.pick(NameStock.surnames) + random.pick(NameStock.rare) + random.pick(NameStock.rare)
            return .chinese(name, index, slot, .resident, &random)
        case 30, 31: return .chinese(random.pick(NameStock.dotted), index, slot, .resident, &random)
        case 40: return .chinese(Self.name(&random), index, slot, .household, &random)
        case 50: return .foreigner(index, slot, "02", &random)
        case 51: return .foreigner(index, slot, "05", &random)
        case 60: return .neighbour(Self.name(&random), index, slot, "03", &random)
        case 61: return .neighbour(Self.name(&random), index, slot, "04", &random)
        case 62: return .neighbour(Self.name(&random), index, slot, "06", &random)
        default: return .chinese(Self.name(&random), index, slot, .resident, &random)
        }
    }

    private static func name(_ random: inout SplitMix) -> String {
        let surname = random.below(200) == 0 ? random.pick(NameStock.doubleSurnames) : random.pick(NameStock.surnames)
        let given = random.pick(NameStock.given)
        return random.below(4) == 0 ? surname + given : surname + given + random.pick(NameStock.given)
    }

    /// A line that an import must refuse; the kinds follow each other.
    private func badLine(_ number: Int, at index: Int) -> String {
        var resident = resident(index / 100 * 100 + 99)
        switch number % 8 {
        // 校验码错
        case 0: resident.documentNumber = "320100190001019071"
        // 二月三十日, with its right check character.
        case 1: resident.documentNumber = DocumentNumbers.withCheck("32010019900230001")
        case 2: return "\"" + resident.csv
        // 自造字
        case 3: resident.name = "张\u{E863}"
        case 4: resident.sex = resident.sex == "1" ? "2" : "1"
        case 5: resident.district = ""
        case 6: return self.resident(0).csv
        default: return resident.csv.dropLast() + ",surplus\n"
        }
        return resident.csv
    }
}
