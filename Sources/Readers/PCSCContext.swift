package import CardEngine
import CPCSC
import Glibc

/// 读卡器 The readers of this machine through pcscd.
///
/// One context per thread of work: pcscd serialises the calls of a context.
@safe package final class PCSCContext {
    // Released in deinit; used by one thread at a time.
    let handle: SCARDCONTEXT

    /// Connects to pcscd; throws `.noService` at once when it is not there.
    package init() throws(CardChannelFault) {
        var handle: SCARDCONTEXT = 0
        let result = unsafe SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &handle)
        guard result == SCARD_S_SUCCESS else { throw .init(result) }
        self.handle = handle
    }

    deinit { _ = SCardReleaseContext(handle) }

    /// Names of the readers, in pcscd's order; none is an empty list.
    package func readers() throws(CardChannelFault) -> [String] {
        var length: DWORD = 0
        let asked = unsafe SCardListReaders(handle, nil, nil, &length)
        if asked == CardChannelFault.noReadersAvailable { return [] }
        guard asked == SCARD_S_SUCCESS else { throw .init(asked) }
        var names = [CChar](repeating: 0, count: Int(length))
        let result = unsafe SCardListReaders(handle, nil, &names, &length)
        guard result == SCARD_S_SUCCESS else { throw .init(result) }
        let octets = names.prefix(Int(length)).map { UInt8(bitPattern: $0) }
        return octets.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// What a reader says of itself.
    package struct Presence: Hashable, Sendable {
        package let hasCard: Bool
        package let answerToReset: [UInt8]
        /// Rises with every insertion and removal.
        package let events: Int
    }

    /// The state of a reader now.
    package func presence(_ reader: String) throws(CardChannelFault) -> Presence {
        try wait(reader, after: nil, milliseconds: 0)
    }

    /// Waits until a reader changes from a known state, or the time is over.
    package func wait(_ reader: String, after known: Presence?, milliseconds: Int) throws(CardChannelFault) -> Presence
    {
        try Self.status(handle, reader, after: known, milliseconds: milliseconds).get()
    }

    private static func status(
        _ handle: SCARDCONTEXT,
        _ reader: String,
        after known: Presence?,
        milliseconds: Int
    ) -> Result<Presence, CardChannelFault> {
        unsafe reader.withCString { name in
            var state = unsafe SCARD_READERSTATE()
            unsafe state.szReader = unsafe name
            unsafe state.dwCurrentState = DWORD(SCARD_STATE_UNAWARE)
            if let known {
                let presence = DWORD(known.hasCard ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY)
                unsafe state.dwCurrentState = presence | DWORD(known.events) << 16
            }
            let result = unsafe SCardGetStatusChange(handle, DWORD(milliseconds), &state, 1)
            guard result == SCARD_S_SUCCESS || result == CardChannelFault.timeout else {
                return .failure(.init(result))
            }
            let event = unsafe state.dwEventState
            if event & DWORD(SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE) != 0,
                event & DWORD(SCARD_STATE_PRESENT) == 0
            {
                return .failure(.noReader(reader))
            }
            let count = Int(min(unsafe state.cbAtr, 33))
            let octets = unsafe withUnsafeBytes(of: state.rgbAtr) { unsafe Array($0.prefix(count)) }
            return .success(
                Presence(
                    hasCard: event & DWORD(SCARD_STATE_PRESENT) != 0 && event & DWORD(SCARD_STATE_MUTE) == 0,
                    answerToReset: octets,
                    events: Int(event >> 16 & 0xFFFF)
                )
            )
        }
    }
}

extension CardChannelFault {
    static let noReadersAvailable = Int(bitPattern: 0x8010_002E)
    static let timeout = Int(bitPattern: 0x8010_000A)

    init(_ code: LONG) {
        switch UInt(bitPattern: code) & 0xFFFF_FFFF {
        case 0x8010_001D, 0x8010_001E: self = .noService
        case 0x8010_0009, 0x8010_0017: self = .noReader("")
        case 0x8010_000C: self = .noCard
        case 0x8010_0069, 0x8010_0068, 0x8010_0016, 0x8010_0067, 0x8010_0066: self = .gone
        case 0x8010_000B: self = .busy
        default: self = .reader(code: Int(UInt(bitPattern: code) & 0xFFFF_FFFF))
        }
    }
}
