/// 行政区划代码 Six digits of GB/T 2260. Unknown counties are taken: the list changes, files stay.
package struct DivisionCode: Hashable, Sendable {
    package let text: String

    /// Checks the form; throws a fault of the field `district`.
    package init(_ text: String) throws(FieldFault) {
        guard !text.isEmpty else { throw FieldFault(.district, .missing) }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { throw FieldFault(.district, .characters) }
        guard text.utf8.count == 6 else { throw FieldFault(.district, .length) }
        guard let first = text.utf8.first, (0x31...0x38).contains(first) else { throw FieldFault(.district, .unknown) }
        self.text = text
    }
}
