import Identity
import Testing

@Suite("姓名 names as they are written")
struct PersonNameTests {
    @Test(arguments: [
        "张三", "𠀀㛃", "㑇𤧛", "𫍯𬘓", "䶮𬤇", "𨱏𬬩", "𣲘𫄧", "𠅤龥", "鿍喆", "堃昇", "彧嫑玥", "阿依古丽·买买提", "欧阳娜娜",
        "José Ñandú", "O'Neil-Smith", "བསྟན་འཛིན", "Иванов", "〇生", "\u{31350}",
    ])
    func `every script that names are written in`(text: String) throws {
        #expect(try PersonName(text).text == text)
    }

    @Test
    func `a private-use character is named with its code point`() {
        #expect(throws: FieldFault(.name, .privateUse(0xE863))) { try PersonName("张\u{E863}") }
        #expect(throws: FieldFault(.name, .privateUse(0xF0001))) { try PersonName("\u{F0001}") }
    }

    @Test(arguments: [
        "张\u{0}三", "张\t三", "张\u{200B}三", "张三1", "<张三>", "·张三", "张三 ", " 张三", "\u{FFFD}", "张\u{202E}三", "---",
        "⿰木木",
    ])
    func `what is no name is refused`(text: String) {
        #expect(throws: FieldFault(.name, .characters)) { try PersonName(text) }
    }

    @Test
    func `the index form is one for all ways of typing`() throws {
        let dots = ["买买提·艾力", "买买提•艾力", "买买提・艾力", "买买提･艾力"]
        #expect(Set(try dots.map { try PersonName($0).indexForm }) == ["买买提·艾力"])
        #expect(try PersonName("josé  MARTIN").indexForm == (try PersonName("JOSE\u{301} Martin").indexForm))
        #expect(try PersonName("\u{F9D1}").indexForm == "六")
        #expect(try PersonName("𠀀㛃").firstCharacter == "𠀀")
        #expect(try PersonName("𠀀㛃").firstTwoCharacters == "𠀀㛃")
        #expect(try PersonName("〇").firstTwoCharacters == nil)
        #expect(throws: FieldFault(.name, .length)) { try PersonName(String(repeating: "张", count: 34)) }
        #expect(throws: FieldFault(.name, .missing)) { try PersonName("") }
    }
}
