/// Whether two octet strings are equal, in a time that depends on their lengths alone.
///
/// For MACs, PINs, codes and every other secret: an early exit would tell how many leading octets were right.
@inline(never)
package func constantTimeEquals(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (one, other) in zip(left, right) { difference |= one ^ other }
    return difference == 0
}
