import Encodings

/// 本市规则 What one city fixes for its cards: `Policies/city.json`.
package struct CityPolicy: Hashable, Sendable {
    package let chinese: String
    package let english: String
    /// GB/T 2260, six digits.
    package let code: String
    /// Years until a card of a kind runs out.
    package let cardLifetimeYears: Int
    /// 钱包余额上限 in fen.
    package let purseLimitFen: Int64
    /// Days that a card lies ready before it is recalled.
    package let collectWithinDays: Int
    /// Object identifiers of the policies in card certificates.
    package let certificatePolicies: CertificatePolicies

    /// One identifier for each use of a card's key.
    package struct CertificatePolicies: Hashable, Sendable {
        package let authentication: String
        package let signature: String
        package let proof: String
    }

    /// Reads the file's JSON strictly.
    package init(_ file: PolicyFile) throws(PolicyFault) {
        try file.demandMembers(
            file.json,
            [
                "version", "effectiveFrom", "basis", "name", "code", "cardLifetimeYears", "purseLimitFen",
                "collectWithinDays", "certificatePolicies",
            ],
            at: ""
        )
        _ = try file.version()
        guard let chinese = file.json["name"]?["zh"]?.string, let english = file.json["name"]?["en"]?.string else {
            throw file.fault("/name", "zh and en are due")
        }
        guard let code = file.json["code"]?.string, code.utf8.count == 6, code.allSatisfy(\.isWholeNumber) else {
            throw file.fault("/code", "six digits of GB/T 2260 are due")
        }
        guard let years = file.json["cardLifetimeYears"]?.integer, (1...20).contains(years) else {
            throw file.fault("/cardLifetimeYears", "1 to 20 is due")
        }
        guard let limit = file.json["purseLimitFen"]?.integer, (1...500_000).contains(limit) else {
            throw file.fault("/purseLimitFen", "1 to 500000 fen is due")
        }
        guard let days = file.json["collectWithinDays"]?.integer, days > 0 else {
            throw file.fault("/collectWithinDays", "a number of days is due")
        }
        let policies = file.json["certificatePolicies"]
        guard let authentication = policies?["authentication"]?.string, let signature = policies?["signature"]?.string,
            let proof = policies?["proof"]?.string
        else { throw file.fault("/certificatePolicies", "authentication, signature and proof are due") }
        self.chinese = chinese
        self.english = english
        self.code = code
        cardLifetimeYears = Int(years)
        purseLimitFen = limit
        collectWithinDays = Int(days)
        certificatePolicies = CertificatePolicies(
            authentication: authentication,
            signature: signature,
            proof: proof
        )
    }
}
