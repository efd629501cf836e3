import Cards
import Testing

@Suite("卡号与生命周期 card numbers and life")
struct CardTests {
    @Test
    func `the example number holds and every wrong digit is refused`() throws {
        let number = try CardNumber("00013201000000000126")
        #expect(try CardNumber(city: "3201", sequence: 12) == number)
        #expect(number.octets.count == 10)
        #expect(number.printed == "0001 3201 0000 0000 0126")
        let digits = Array(number.digits)
        for place in digits.indices {
            for digit in "0123456789" where digit != digits[place] {
                var altered = digits
                altered[place] = digit
                #expect(throws: CardNumber.Fault.self) { try CardNumber(String(altered)) }
            }
        }
    }

    @Test
    func `the table has exactly the moves of the profile sheet`() {
        var moves: Set<[CardState]> = []
        for state in CardState.allCases {
            for event in CardEvent.allCases {
                if let next = CardLife.next(state, event) { moves.insert([state, next]) }
            }
        }
        // The 39 pairs that the database's card_move lists; a test of the schema compares them one by one.
        #expect(moves.count == 39)
        #expect(CardLife.next(.ordered, .activate) == nil)
        #expect(CardLife.next(.lost, .oralLoss) == nil)
        #expect(CardLife.next(.cancelled, .found) == nil)
    }
}
