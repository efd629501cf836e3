import Testing

@testable import OfficeWeb

@Suite("页面文本 markup escapes by default")
struct HTMLTests {
    @Test
    func `an interpolated text is escaped, markup is not`() {
        let name = "<script>alert('1')</script> & \"x\""
        let inner: HTML = "<b>\(name)</b>"
        let outer: HTML = "<p title=\"\(name)\">\(inner)\(7)</p>"
        let escaped = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;"
        #expect(outer.text == "<p title=\"\(escaped)\"><b>\(escaped)</b>7</p>")
    }
}
