/// 性别 GB/T 2261.1.
package enum Sex: String, Hashable, Sendable, CaseIterable {
    case unknown = "0"
    case male = "1"
    case female = "2"
    case notTold = "9"
}
