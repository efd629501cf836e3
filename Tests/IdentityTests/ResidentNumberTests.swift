import Identity
import TestSupport
import Testing

@Suite("公民身份号码 resident numbers (GB 11643-1999)")
struct ResidentNumberTests {
    private let today = BirthDate(dayOf: 1_767_225_600)

    @Test(.enabled(if: Vectors.has("id-numbers/resident_id_test.json"), "no vectors: set CITIZEN_VECTORS"))
    func `every case of the vectors, with its parts or its reason`() throws {
        let cases = try Vectors.cases("id-numbers/resident_id_test.json")
        #expect(cases.count == 118)
        for test in cases {
            let text = try #require(test.text("number"))
            switch test.result {
            case "valid":
                let number = try ResidentNumber(text, today: today)
                #expect(number.text == text && number.area == test.text("areaCode"), "case \(test.id)")
                #expect(number.birth.iso == test.text("birthDate"), "case \(test.id)")
                #expect(number.sex == (test.text("sex") == "male" ? .male : .female), "case \(test.id)")
            case "acceptable":
                #expect(throws: ResidentNumber.Fault.smallX) { try ResidentNumber(text, today: today) }
                #expect(try ResidentNumber(entered: text, today: today).text == test.text("canonical"))
            default:
                let fault = #expect(throws: ResidentNumber.Fault.self, "case \(test.id)") {
                    try ResidentNumber(text, today: today)
                }
                #expect(fault.map(Self.words) == test.text("reason"), "case \(test.id)")
            }
        }
    }

    @Test
    func `numbers as people type them, and the old form for old files`() throws {
        #expect(try ResidentNumber(entered: "１１０１０５１９４９１２３１００２ｘ", today: today).text == "11010519491231002X")
        #expect(throws: ResidentNumber.Fault.length(19)) {
            try ResidentNumber(entered: "11010519491231002x ", today: today)
        }
        #expect(try ResidentNumber(old: "110105491231002", today: today).text == "11010519491231002X")
        #expect(throws: ResidentNumber.Fault.length(18)) {
            try ResidentNumber(old: "11010519491231002X", today: today)
        }
        for good in ["440524188001010014", "320102198507130015", "320623199002281022", "321302197511302016"] {
            #expect(try ResidentNumber(good, today: today).text == good)
        }
    }

    @Test
    func `each changed digit of a number is refused`() throws {
        let good = Array("320100190001019070".utf8)
        for place in 0..<17 {
            for digit in UInt8(0x30)...0x39 where digit != good[place] {
                var altered = good
                altered[place] = digit
                #expect(throws: ResidentNumber.Fault.checkCharacter) {
                    try ResidentNumber(String(decoding: altered, as: UTF8.self), today: today)
                }
            }
        }
    }

    private static func words(_ fault: ResidentNumber.Fault) -> String {
        switch fault {
        case .oldForm: "15-digit numbers are not accepted (old form, GB 11643-1989)"
        case .length: "length is not 18"
        case .notADigit: "not a digit"
        case .notASCIIDigit: "not an ASCII digit"
        case .notASCII: "not ASCII"
        case .misplacedX: "X only allowed in last place"
        case .smallX: "small x"
        case .checkCharacter: "wrong check character"
        case .area: "area code does not exist"
        case .noSuchDay: "birth date does not exist"
        case .future: "birth date in the future"
        case .orderCode: "order code 000 is not used"
        }
    }
}
