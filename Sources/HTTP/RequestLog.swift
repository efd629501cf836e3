import Octets

/// What is written about a request: one line of JSON, no personal data, no path, no query, no whole address.
struct RequestLog: Sendable {
    let unixMilliseconds: Int64
    let requestID: String
    let entrance: Entrance
    let net: String
    let route: String
    let method: String
    let status: Int
    let milliseconds: Int64
    let octetsSent: Int

    /// The line without its end.
    var line: String {
        var text = JSONText()
        text.add("t", Self.timestamp(unixMilliseconds))
        text.add("id", requestID)
        text.add("entrance", entrance.rawValue)
        text.add("net", net)
        text.add("route", route)
        text.add("method", method)
        text.add("status", status)
        text.add("ms", milliseconds)
        text.add("bytes", octetsSent)
        return text.closed
    }

    /// Writes the line of an error that nobody expected and gives its number.
    static func incident(_ error: any Error, _ route: String, _ id: RequestID, to log: (String) -> Void) -> String {
        var random = SystemRandomNumberGenerator()
        let number = Hex.encode((0..<6).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        var text = JSONText()
        text.add("incident", number)
        text.add("id", id.text)
        text.add("route", route)
        text.add("error", String(reflecting: type(of: error)))
        let mirror = Mirror(reflecting: error)
        if mirror.displayStyle == .enum {
            // What a case carries may be a person's; its name is not.
            text.add("case", mirror.children.first?.label ?? String(describing: error))
        }
        log(text.closed)
        return number
    }

    /// RFC 3339 in UTC with milliseconds, by the days-from-civil rule.
    static func timestamp(_ unixMilliseconds: Int64) -> String {
        let seconds = unixMilliseconds / 1_000
        let (days, rest) = (seconds / 86_400, seconds % 86_400)
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let time = "\(padded(rest / 3_600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
        return "\(date)T\(time).\(padded(unixMilliseconds % 1_000, 3))Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
