import Identity
import Population
import Testing

@Suite("合成人口 the synthetic population")
struct PopulationTests {
    private let today = BirthDate(dayOf: 1_767_225_600)

    @Test
    func `every line is a valid resident, and no document stands twice`() throws {
        let population = Population(seed: 7, count: 12_000)
        var seen: Set<String> = []
        var rare = 0
        var dotted = 0
        for index in 0..<12_000 {
            let made = population.resident(index)
            var entered = Particulars.Entered()
            entered.name = made.name
            entered.documentType = made.documentType
            entered.documentNumber = made.documentNumber
            entered.sex = made.sex
            entered.birthDate = made.birthDate
            entered.ethnicGroup = made.ethnicGroup
            entered.nationality = made.nationality
            entered.district = made.district
            entered.phone = made.phone
            entered.address = made.address
            _ = try Particulars(entered, today: today)
            #expect(seen.insert(made.documentType + made.documentNumber).inserted, "index \(index)")
            rare +=
                made.name.unicodeScalars.contains { $0.value > 0xFFFF || (0x3400...0x4DBF).contains($0.value) } ? 1 : 0
            dotted += made.name.contains("·") ? 1 : 0
            if ["01", "07"].contains(made.documentType) {
                #expect(["320100", "320600", "321300"].contains(made.documentNumber.prefix(6)))
            }
        }
        #expect(rare > 200 && dotted > 200)
        let trio = [10, 11, 12].map { population.resident($0) }
        #expect(Set(trio.map(\.name)).count == 1 && trio[0].birthDate == trio[1].birthDate)
        #expect(trio[0].birthDate != trio[2].birthDate)
    }

    @Test
    func `numbers stay different over a million indexes`() {
        let population = Population(seed: 1, count: 0)
        var seen: Set<String> = []
        // One class of area and order code, and the namesakes.
        for index in stride(from: 10, to: 1_000_000, by: 2997) {
            seen.insert(population.resident(index).documentNumber)
        }
        #expect(seen.count == 334)
    }

    @Test
    func `the same seed gives the same lines, with the bad ones strewn in`() {
        let one = Array(Population.csv(seed: 3, count: 200, badLines: 16))
        #expect(one == Array(Population.csv(seed: 3, count: 200, badLines: 16)))
        #expect(one.count == 217 && one[0] == Population.header)
        #expect(one != Array(Population.csv(seed: 4, count: 200, badLines: 16)))
        #expect(Array(Population.csv(seed: 3, count: 0)) == [Population.header])
    }
}
