package import Encodings
package import Identity

/// 退回的行 A line that was not taken: its number, the column and why; nothing of what stands in it.
package struct LineRefusal: Hashable, Sendable {
    /// Why.
    package enum Reason: Hashable, Sendable {
        case field(FieldFault)
        case broken(CSVReader.Fault)
        /// Another number of fields than columns.
        case fieldCount(Int)
        case encoding
        /// The document is in the file already, or in the register.
        case documentTaken
    }

    /// The first line of the file is 1.
    package let line: Int64
    package let reason: Reason

    /// The column; empty when the line as a whole is meant.
    package var field: String {
        switch reason {
        case .field(let fault): fault.field.rawValue
        case .documentTaken: FieldFault.Field.documentNumber.rawValue
        case .broken, .fieldCount, .encoding: ""
        }
    }

    /// One word for programs.
    package var code: String {
        switch reason {
        case .field(let fault): fault.reason.code
        case .broken(.quoting): "quoting"
        case .broken(.lineBreak): "line-break"
        case .broken(.length): "line-length"
        case .fieldCount: "field-count"
        case .encoding: "encoding"
        case .documentTaken: "document-taken"
        }
    }

    /// For people.
    package var words: (chinese: String, english: String) {
        switch reason {
        case .field(let fault): fault.reason.words
        case .broken(.quoting): ("引号不成对或位置不对", "a quote is missing or stands in the wrong place")
        case .broken(.lineBreak): ("回车符后没有换行符", "a carriage return without a line feed")
        case .broken(.length): ("行过长", "the line is too long")
        case .fieldCount(let count): ("字段数为 \(count), 与列数不符", "\(count) fields, which is not the number of columns")
        case .encoding: ("不是该文件编码的文字", "not text in the encoding of the file")
        case .documentTaken: ("该证件已登记或在本文件中重复", "the document is registered already or stands twice in the file")
        }
    }

    /// The line of the report.
    var csv: String { "\(line),\(field),\(code),\(words.chinese),\"\(words.english)\"\n" }
}

extension FieldFault.Reason {
    /// One word for programs.
    package var code: String {
        switch self {
        case .missing: "missing"
        case .length: "length"
        case .characters: "characters"
        case .privateUse(let point): "private-use-U+" + String(point, radix: 16, uppercase: true)
        case .checkCharacter: "check-digit"
        case .noSuchDay: "no-such-day"
        case .future: "future"
        case .unknown: "unknown"
        case .disagrees: "disagrees"
        case .form: "format"
        }
    }

    /// For people.
    package var words: (chinese: String, english: String) {
        switch self {
        case .missing: ("缺少内容", "missing")
        case .length: ("长度不对", "of the wrong length")
        case .characters: ("含有不允许的字符", "has a character that may not stand here")
        case .privateUse(let point):
            (
                "含有自造字 U+\(String(point, radix: 16, uppercase: true)), 请改用标准汉字编码",
                "has the private-use character U+\(String(point, radix: 16, uppercase: true)); use the standard one"
            )
        case .checkCharacter: ("校验码不对", "the check character is wrong")
        case .noSuchDay: ("没有这一天", "there is no such day")
        case .future: ("日期在将来", "the day is to come")
        case .unknown: ("代码不存在", "no such code")
        case .disagrees: ("与证件号码不一致", "the document number says otherwise")
        case .form: ("格式不对", "of the wrong form")
        }
    }
}
