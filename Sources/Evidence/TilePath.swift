/// The path of a tile or an entry bundle below a log's address: `tile/0/x001/x234/067.p/112` (C2SP tlog-tiles).
package enum TilePath: Hashable, Sendable {
    case hashes(Tile)
    /// A bundle of `width` entries, 256 when it is full.
    case entries(number: UInt64, width: Int)

    /// Reads a path; nil unless it is the one spelling of what it names.
    package init?(_ text: String) {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)[...]
        guard parts.popFirst() == "tile", let level = parts.popFirst() else { return nil }
        var width = Tile.fullWidth
        if parts.count >= 2, let last = parts.last, parts[parts.endIndex - 2].hasSuffix(".p") {
            guard let partial = Self.decimal(last), (1..<UInt64(Tile.fullWidth)).contains(partial) else { return nil }
            width = Int(partial)
            parts.removeLast()
            parts[parts.endIndex - 1].removeLast(2)
        }
        guard let number = Self.number(parts) else { return nil }
        if level == "entries" {
            self = .entries(number: number, width: width)
            return
        }
        guard let level = Self.decimal(level), level < 64,
            let tile = Tile(level: Int(level), number: number, width: width)
        else { return nil }
        self = .hashes(tile)
    }

    package var text: String {
        switch self {
        case .hashes(let tile): Self.text("\(tile.level)", tile.number, tile.width)
        case .entries(let number, let width): Self.text("entries", number, width)
        }
    }

    private static func text(_ level: String, _ number: UInt64, _ width: Int) -> String {
        var groups = [padded(number % 1000)]
        var rest = number / 1000
        while rest > 0 {
            groups.insert("x" + padded(rest % 1000), at: 0)
            rest /= 1000
        }
        return "tile/\(level)/" + groups.joined(separator: "/") + (width == Tile.fullWidth ? "" : ".p/\(width)")
    }

    private static func padded(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 3 - digits.utf8.count) + digits
    }

    private static func number(_ groups: ArraySlice<String>) -> UInt64? {
        guard (1...6).contains(groups.count) else { return nil }
        var number: UInt64 = 0
        for (place, group) in groups.enumerated() {
            let isLast = place == groups.count - 1
            guard isLast || group.hasPrefix("x") else { return nil }
            let digits = isLast ? group[...] : group.dropFirst()
            guard digits.utf8.count == 3, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let value = UInt64(digits)
            else { return nil }
            guard place > 0 || isLast || value > 0 else { return nil }
            number = number * 1000 + value
        }
        return number
    }

    /// A decimal number without leading zeros.
    private static func decimal(_ text: String) -> UInt64? {
        guard let number = UInt64(text), String(number) == text else { return nil }
        return number
    }
}
