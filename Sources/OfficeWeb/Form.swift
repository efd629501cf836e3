/// 表单控件 The controls of forms: a label that is tied to its field, hints that are read with it.
enum Form {
    /// A line to type in; `attributes` are the program's own.
    static func field(
        _ name: String,
        _ label: Words,
        _ attributes: HTML = "",
        value: String = "",
        hint: Words? = nil
    ) -> HTML {
        let told: HTML = hint.map { "<span class=\"hint\" id=\"\(name)-hint\">\($0)</span>" } ?? .nothing
        let described: HTML = hint == nil ? .nothing : " aria-describedby=\"\(name)-hint\""
        return """
            <div class="field"><label for="\(name)">\(label)</label>\(told)
            <input id="\(name)" name="\(name)" value="\(value)" \(attributes)\(described)></div>
            """
    }

    /// One of several; the values are shown in one line each.
    static func choice(
        _ name: String,
        _ label: Words,
        _ options: [(value: String, line: String)],
        chosen: String? = nil
    ) -> HTML {
        let items = options.map { option -> HTML in
            let mark: HTML = option.value == chosen ? " selected" : ""
            return "<option value=\"\(option.value)\"\(mark)>\(option.line)</option>"
        }
        return """
            <div class="field"><label for="\(name)">\(label)</label>
            <select id="\(name)" name="\(name)" required>\(items)</select></div>
            """
    }

    /// A value that goes along unseen.
    static func hidden(_ name: String, _ value: String) -> HTML {
        "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
    }

    /// A list of names and values.
    static func facts(_ facts: [(name: Words, value: HTML)]) -> HTML {
        let rows = facts.map { fact -> HTML in "<div><dt>\(fact.name)</dt><dd>\(fact.value)</dd></div>" }
        return "<dl class=\"facts\">\(rows)</dl>"
    }
}
