import Foundation
import Octets

/// 虚拟读卡器一侧 Carries one card between a vpcd reader and a control socket, on one thread, until it is told to quit.
package struct CardServer {
    /// Why serving ended otherwise than by `quit`.
    package enum Fault: Error, Hashable, Sendable {
        /// Nobody listens on the reader's port, within the time allowed.
        case readerUnreachable(port: UInt16)
        case control(path: String)
    }

    /// Where and how long.
    package struct Settings: Sendable {
        let port: UInt16
        let control: String?
        /// Seconds to wait for the reader at the start and after it went away.
        let patience: Int
        /// Milliseconds a cut card stays away; nil until `insert`. Under a second the reader may not notice.
        let absence: Int?

        /// A reader's port on loopback, the path of the control socket, and the two times.
        package init(port: UInt16, control: String?, patience: Int = 5, absence: Int? = 1_000) {
            self.port = port
            self.control = control
            self.patience = patience
            self.absence = absence
        }
    }

    private let settings: Settings
    private var card: InsertedCard
    private let announce: (String) -> Void
    private var reader: Socket?
    private var readerBuffer: [UInt8] = []
    private var clients: [(socket: Socket, line: [UInt8])] = []
    /// When the card comes back, or when the reader is given up.
    private var returns: ContinuousClock.Instant?
    private var deadline: ContinuousClock.Instant?
    private var isRunning = true

    /// A server that has not connected yet; `announce` gets a line when the card goes in or out.
    package init(_ card: InsertedCard, _ settings: Settings, announce: @escaping (String) -> Void) {
        self.card = card
        self.settings = settings
        self.announce = announce
    }

    /// Serves until `quit`.
    package mutating func run() throws(Fault) {
        Signals.acceptAll()
        var listener: Socket?
        if let path = settings.control {
            do { listener = try Socket.listen(path: path) } catch { throw .control(path: path) }
        }
        returns = .now
        while isRunning {
            try insertWhenDue()
            let sockets = [listener, reader].compactMap(\.self) + clients.map(\.socket)
            let ready = Socket.readable(sockets, milliseconds: returns == nil ? -1 : 20)
            for (socket, isReady) in zip(sockets, ready) where isReady {
                if socket === listener {
                    if let client = try? socket.accept() { clients.append((client, [])) }
                } else if socket === reader {
                    serveReader(socket)
                } else {
                    serveClient(socket)
                }
            }
        }
        reader = nil
        if let path = settings.control { try? FileManager.default.removeItem(atPath: path) }
    }

    private mutating func insertWhenDue() throws(Fault) {
        guard reader == nil, let due = returns, ContinuousClock.now >= due else { return }
        guard let socket = try? Socket.connect(port: settings.port) else {
            let limit = deadline ?? .now.advanced(by: .seconds(settings.patience))
            deadline = limit
            guard ContinuousClock.now < limit else { throw .readerUnreachable(port: settings.port) }
            returns = .now.advanced(by: .milliseconds(50))
            return
        }
        reader = socket
        readerBuffer = []
        returns = nil
        deadline = nil
        announce("inserted \(card.card.image.serial)")
    }

    /// All whole messages that have arrived: length(2) ‖ payload.
    private mutating func serveReader(_ socket: Socket) {
        socket.acknowledgeAtOnce()
        let arrived = socket.receive()
        guard !arrived.isEmpty else {
            remove()
            returns = .now.advanced(by: .milliseconds(200))
            return
        }
        readerBuffer += arrived
        while readerBuffer.count >= 2 {
            let length = Int(readerBuffer[0]) << 8 | Int(readerBuffer[1])
            guard readerBuffer.count >= 2 + length else { return }
            let payload = Array(readerBuffer[2..<2 + length])
            readerBuffer.removeFirst(2 + length)
            for effect in card.receive(payload) {
                guard perform(effect, socket) else { return }
            }
        }
    }

    private mutating func perform(_ effect: InsertedCard.Effect, _ socket: Socket) -> Bool {
        switch effect {
        case .wait(let milliseconds):
            Thread.sleep(forTimeInterval: Double(milliseconds) / 1_000)
            return true
        case .send(let answer):
            return socket.send(UInt16(answer.count).bigEndianOctets + answer)
        case .disconnect:
            remove()
            if let absence = settings.absence { returns = .now.advanced(by: .milliseconds(absence)) }
            return false
        }
    }

    private mutating func remove() {
        reader = nil
        returns = nil
        card.removed()
        announce("removed \(card.card.image.serial)")
    }

    private mutating func serveClient(_ socket: Socket) {
        guard let position = clients.firstIndex(where: { $0.socket === socket }) else { return }
        let arrived = socket.receive()
        guard !arrived.isEmpty else {
            clients.remove(at: position)
            return
        }
        var line = clients[position].line + arrived
        while let end = line.firstIndex(of: 0x0A) {
            let text = String(decoding: line[..<end], as: UTF8.self)
            line = Array(line[(end + 1)...])
            _ = socket.send(Array((obey(text) + "\n").utf8))
        }
        clients[position].line = line.count > 4_096 ? [] : line
    }

    /// One command of the control socket to one line of answer.
    private mutating func obey(_ text: String) -> String {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        switch (words.first, words.count) {
        case ("insert", 1):
            if reader == nil { returns = .now }
            return "ok"
        case ("remove", 1):
            if reader != nil { remove() }
            returns = nil
            return "ok"
        case ("fault", 2):
            guard let plan = try? FaultPlan(words[1]) else { return "refused: not a fault: \(words[1])" }
            card.plan = plan
            return "ok"
        case ("stats", 1):
            let parts = card.tally.inside.components
            let microseconds = parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000
            let presence = reader == nil ? "false" : "true"
            return "{\"apdus\":\(card.tally.commands),\"insideMicroseconds\":\(microseconds),\"inserted\":\(presence)}"
        case ("quit", 1):
            isRunning = false
            return "ok"
        default:
            return "refused: insert, remove, fault SPEC, stats, quit"
        }
    }
}
