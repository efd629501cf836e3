package import CardEngine
import CPCSC
import Glibc
import Octets

/// A card in a reader, held exclusively for one job.
///
/// Each command runs on the channel's own thread under a watchdog: a card that never answers blocks its reader's call
/// for ever, so the caller gets `.stuck`, the thread is given up with the reader, and other readers go on.
@safe package final class PCSCChannel: CardChannel, @unchecked Sendable {
    // `card` and `protocolNumber` change only on the worker thread, one command at a time.
    private let context: PCSCContext
    private let worker: ReaderThread
    private var card: SCARDHANDLE = 0
    private var protocolNumber: DWORD = 0

    package let reader: String
    package private(set) var answerToReset: [UInt8] = []

    /// Connects to the card in a reader; nobody else reaches it until the channel is let go.
    package init(reader: String) throws(CardChannelFault) {
        self.reader = reader
        context = try PCSCContext()
        worker = ReaderThread(name: reader)
        var handle: SCARDHANDLE = 0
        var number: DWORD = 0
        let result = unsafe SCardConnect(
            context.handle,
            reader,
            DWORD(SCARD_SHARE_EXCLUSIVE),
            DWORD(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1),
            &handle,
            &number
        )
        guard result == SCARD_S_SUCCESS else { throw .init(result) }
        card = handle
        protocolNumber = number
        answerToReset = try context.presence(reader).answerToReset
    }

    deinit {
        if !worker.isStuck { _ = SCardDisconnect(card, DWORD(SCARD_RESET_CARD)) }
    }

    package func transmit(_ command: [UInt8], milliseconds: Int) throws(CardChannelFault) -> [UInt8] {
        let handle = card
        let number = protocolNumber
        return try worker.run(milliseconds: milliseconds) { Self.transmit(command, handle, number) }.get()
    }

    package func reset() throws(CardChannelFault) {
        let handle = card
        let answer = try worker.run(milliseconds: 5000) { Self.reconnect(handle) }
        protocolNumber = DWORD(try answer.get())
    }

    private static func reconnect(_ handle: SCARDHANDLE) -> Result<UInt, CardChannelFault> {
        var number: DWORD = 0
        let result = unsafe SCardReconnect(
            handle,
            DWORD(SCARD_SHARE_EXCLUSIVE),
            DWORD(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1),
            DWORD(SCARD_RESET_CARD),
            &number
        )
        return result == SCARD_S_SUCCESS ? .success(UInt(number)) : .failure(.init(result))
    }

    private static func transmit(
        _ command: [UInt8],
        _ handle: SCARDHANDLE,
        _ number: DWORD
    ) -> Result<[UInt8], CardChannelFault> {
        var answer = [UInt8](repeating: 0, count: 65_538)
        var length = DWORD(answer.count)
        var header = SCARD_IO_REQUEST(dwProtocol: number, cbPciLength: DWORD(MemoryLayout<SCARD_IO_REQUEST>.size))
        let result = unsafe SCardTransmit(handle, &header, command, DWORD(command.count), nil, &answer, &length)
        guard result == SCARD_S_SUCCESS else { return .failure(.init(result)) }
        // A success without octets is a torn card; the caller sees it by the length.
        return .success(Array(answer.prefix(Int(length))))
    }
}
