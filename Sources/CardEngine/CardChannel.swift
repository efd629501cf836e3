/// 读卡通道 A way to one card: a reader on a desk, a virtual card in a test. Blocks; called on a thread of its own.
package protocol CardChannel: AnyObject {
    /// The answer to reset of the card that lies there.
    var answerToReset: [UInt8] { get }
    /// Sends one command. An answer of fewer than two octets means that the card was torn out.
    func transmit(_ command: [UInt8], milliseconds: Int) throws(CardChannelFault) -> [UInt8]
    /// Resets the card: every session and every verified PIN is gone.
    func reset() throws(CardChannelFault)
}

/// Why a reader could not do what was asked.
package enum CardChannelFault: Error, Hashable, Sendable {
    /// pcscd is not running, or this process may not reach it.
    case noService
    case noReader(String)
    /// The reader is empty; present a card and try again.
    case noCard
    /// Torn out (拔卡), or another program reset it.
    case gone
    /// Somebody else holds the reader.
    case busy
    /// The card did not answer in its time; the reader waits for a person to unplug it.
    case stuck
    case reader(code: Int)
}
