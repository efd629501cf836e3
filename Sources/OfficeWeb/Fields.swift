import Cryptography
import HTTP
import Octets
import Office

/// 表单 The fields of one form: an absent one is empty, white space around a value is dropped.
struct Fields: Sendable {
    private let pairs: URLEncodedPairs

    init(_ pairs: URLEncodedPairs) { self.pairs = pairs }

    /// A field that came once; one that came twice is nobody's.
    subscript(name: String) -> String {
        let values = pairs.values(name)
        guard values.count == 1 else { return "" }
        return String(values[0].drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    /// A value as it was typed: a password keeps its blanks.
    func exactly(_ name: String) -> String {
        let values = pairs.values(name)
        return values.count == 1 ? values[0] : ""
    }

    /// Whether the browser, where it tells, says that the request is from a page of this site (W3C Fetch Metadata).
    static func isOwn(_ request: Request) -> Bool {
        guard let site = request.fields["sec-fetch-site"] else { return true }
        return site == "same-origin" || site == "none"
    }

    /// 幂等键 The key that the form brought, bound to all that the act is asked with.
    func requestKey(_ label: String, _ names: [String]) throws(Refusal) -> Office.RequestKey {
        let key = self["key"]
        guard (8...128).contains(key.utf8.count) else { throw .invalid(field: "key", .length) }
        let asked = [label] + names.map { self[$0] }
        return Office.RequestKey(key: key, requestHash: Digest.sha256.hash(Array(asked.joined(separator: "\0").utf8)))
    }
}

extension Office {
    /// A hidden field with a key of its own: a form sent twice is one act.
    func keyField() -> HTML {
        "<input type=\"hidden\" name=\"key\" value=\"\(Base64.encode(random.octets(12), .url))\">"
    }
}
