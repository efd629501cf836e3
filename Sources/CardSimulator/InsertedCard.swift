import Octets

/// 插入的卡 A card as the virtual reader sees it: reader messages in, effects out; plays the faults and keeps count.
package struct InsertedCard: Sendable {
    /// What the connection must do, in order.
    package enum Effect: Hashable, Sendable {
        case wait(milliseconds: Int)
        /// Sent with its length in front.
        case send([UInt8])
        case disconnect
    }

    /// The time spent inside the card, for measurements that subtract the simulator's share.
    package struct Tally: Hashable, Sendable {
        /// Command APDUs that reached the card.
        package private(set) var commands = 0
        /// Processing and keeping the image together.
        package private(set) var inside = Duration.zero

        mutating func add(_ time: Duration) {
            commands += 1
            inside += time
        }
    }

    /// Gives the card of another state file.
    package typealias Loader = @Sendable (String) throws -> VirtualCard

    private enum Message {
        static let powerOff: UInt8 = 0x00
        static let powerOn: UInt8 = 0x01
        static let reset: UInt8 = 0x02
        static let askAnswerToReset: UInt8 = 0x04
    }

    /// The chip.
    package private(set) var card: VirtualCard
    /// The faults; a new plan starts its own count.
    package var plan: FaultPlan
    /// How often and how long the chip worked.
    package var tally = Tally()
    /// A hung card answers nothing, not even the presence poll of its command.
    package private(set) var isHung = false
    private let loader: Loader
    private let clock: @Sendable () -> Duration

    /// A card with its faults; the clock measures the time inside, the loader serves `swap`.
    package init(
        _ card: VirtualCard,
        plan: FaultPlan = FaultPlan(),
        clock: @escaping @Sendable () -> Duration,
        loader: @escaping Loader
    ) {
        self.card = card
        self.plan = plan
        self.clock = clock
        self.loader = loader
    }

    /// The card leaves the reader, or loses power.
    package mutating func removed() {
        card.reset()
        isHung = false
    }

    /// One message of the reader (vpcd): a control octet, or a command APDU.
    package mutating func receive(_ payload: [UInt8]) -> [Effect] {
        guard !isHung else { return [] }
        guard payload.count == 1 else { return payload.isEmpty ? [] : command(payload) }
        switch payload[0] {
        case Message.powerOff, Message.powerOn, Message.reset:
            card.reset()
            return []
        case Message.askAnswerToReset:
            return [.send(card.answerToReset)]
        default:
            return []
        }
    }

    private mutating func command(_ payload: [UInt8]) -> [Effect] {
        let met = plan.met()
        var effects: [Effect] = []
        for fault in met {
            switch fault {
            case .cutBefore: return [.disconnect]
            case .hang:
                isHung = true
                return []
            case .forge(_, let answer): return [.send(answer)]
            case .swap(_, let path):
                // A state file that is not there is answered like a dead chip: the fault itself is faulty.
                guard let other = try? loader(path) else { return [.disconnect] }
                card = other
            case .slow(let milliseconds): effects.append(.wait(milliseconds: milliseconds))
            case .cutAfter, .shortAnswer: continue
            }
        }
        let start = clock()
        let answer = card.process(payload)
        tally.add(clock() - start)
        for fault in met {
            switch fault {
            case .cutAfter: return effects + [.disconnect]
            case .shortAnswer: return effects + [.send(Array(answer.prefix(1)))]
            case .cutBefore, .hang, .forge, .swap, .slow: continue
            }
        }
        return effects + [.send(answer)]
    }
}
