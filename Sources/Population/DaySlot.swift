/// A day of the calendar.
typealias CivilDay = (year: Int, month: Int, day: Int)

/// Which birth date an index gets: another one for each index that shares area and order code, so that numbers are
/// never given twice (below 10 million indexes for the narrowest span of years).
struct DaySlot: Sendable {
    private let number: Int

    init(_ index: Int, seed: UInt64) {
        // 7919 is prime to every span of 336 days a year used here, so the days of one class all differ.
        number = index / 2997 * 7919 + index % 2997 * 13 + Int(seed % 10_000)
    }

    /// A day in some years, the 28th of a month at most.
    func day(from year: Int, years: Int) -> CivilDay {
        let slot = number % (years * 336)
        return (year + slot / 336, slot / 28 % 12 + 1, slot % 28 + 1)
    }
}
