import CardEngine
import CardSimulator
import Cards
import Cryptography
import Database
import Encodings
import Octets
import Office
import Testing

@Suite("制卡中继 the relay: a card is made once, whatever desk, reader and service do")
struct RelayTests {
    @Test
    func `a card is made, activated and leaves its evidence`() async throws {
        let hall = try await TestHall()
        let made = try await hall.made("R")
        let chip = try #require(made.chip)
        #expect(try await hall.state(made.card).state == .personalised)
        #expect(try await hall.state(made.card).csn == chip.image.serial.octets)
        #expect(try await hall.job(made.card).state == "READY")
        try await hall.start(made.card, "R", .activate)
        let desk = try hall.desk("R")
        desk.card = chip
        #expect(try await desk.work() == .activated)
        #expect(try await hall.state(made.card).state == .active)
        #expect(try await hall.job(made.card).state == "DONE")
        let acts = try await hall.test.acts().suffix(6)
        #expect(
            acts == [
                "card.personalise.begin", "certificate.issue", "card.personalise.commit", "card.personalise",
                "card.activate",
            ] || acts.last == "card.activate"
        )
        #expect(try await hall.contradictions().isEmpty)
        // Nothing that a thief of the database could use is left of the job.
        let left = try await hall.test.owner.one("SELECT count(secret_enc) AS n FROM perso_job")
        #expect(try left.value("n") == Int64(0))
        // No batch without its result.
        let open = try await hall.test.owner.one("SELECT count(*) AS n FROM perso_batch WHERE answered_at IS NULL")
        #expect(try open.value("n") == Int64(0))
    }

    @Test(arguments: [StartJob.Purpose.issue, .activate])
    func `the last answer repeated gets the same reply, also from a service that was started again`(
        purpose: StartJob.Purpose
    ) async throws {
        let hall = try await TestHall()
        let card: [UInt8]
        let desk = try hall.desk("R")
        if purpose == .issue {
            card = try await hall.order()
            desk.card = try hall.blank()
        } else {
            let made = try await hall.made("R")
            card = made.card
            desk.card = made.chip
        }
        try await hall.start(card, "R", purpose)
        let ending = try await desk.work()
        #expect(ending == (purpose == .issue ? .finished : .activated))
        let last = try #require(desk.last)
        let acts = try await hall.test.acts()
        #expect(try await hall.relay.answer(last.result, desk: "D1").ending == ending)
        let restarted = try await hall.restarted()
        #expect(try await restarted.relay.answer(last.result, desk: "D1").ending == ending)
        // To nobody else, and not for another nonce.
        #expect(try await restarted.relay.answer(last.result, desk: "D2").ending == .presentAgain)
        let other = last.result.with(nonce: [UInt8](repeating: 0, count: 16))
        #expect(try await restarted.relay.answer(other, desk: "D1").ending == .presentAgain)
        await restarted.office.database.close()
        #expect(try await hall.test.acts() == acts)
    }

    @Test
    func `an answer that comes twice at the same moment is worked on once`() async throws {
        let hall = try await TestHall()
        let card = try await hall.order()
        try await hall.start(card, "R")
        let desk = try hall.desk("R")
        desk.card = try hall.blank()
        var reply = try await hall.relay.next(desk: "D1", hall: "H1", reader: "R")
        while let batch = try desk.batch(reply) {
            let result = desk.carried(batch)
            let relay = hall.relay
            async let first = relay.answer(result, desk: "D1")
            async let second = relay.answer(result, desk: "D1")
            let both = try await [first, second]
            #expect(both[0].text == both[1].text)
            reply = both[0]
        }
        #expect(reply.ending == .finished)
        #expect(try await hall.state(card).state == .personalised)
        #expect(try await hall.contradictions().isEmpty)
    }

    @Test
    func `a wrong nonce, desk or number changes nothing, and a wrong chain leaves the job unknown`() async throws {
        let hall = try await TestHall()
        let card = try await hall.order()
        try await hall.start(card, "R")
        let desk = try hall.desk("R")
        desk.card = try hall.blank()
        let first = try await hall.relay.next(desk: "D1", hall: "H1", reader: "R")
        let result = desk.carried(try #require(try desk.batch(first)))
        let wrong = [result.with(nonce: [UInt8](repeating: 7, count: 16))]
        for result in wrong {
            #expect(try await hall.relay.answer(result, desk: "D1").ending == .presentAgain)
        }
        #expect(try await hall.relay.answer(result, desk: "D2").ending == .presentAgain)
        #expect(try await hall.job(card).state == "RUNNING")
        let chain = result.with(chain: [UInt8](repeating: 7, count: 32))
        #expect(try await hall.relay.answer(chain, desk: "D1").ending == .presentAgain)
        #expect(try await hall.job(card).state == "UNKNOWN")
        #expect(try await hall.state(card).state == .ordered)
        #expect(try await desk.work() == .finished)
        #expect(try await hall.job(card).resumes == 1)
    }

    /// What a dishonest reader or agent may do to the answers of any one command.
    enum Lie: CaseIterable {
        case success, failure, flipped, empty, doubled
    }

    @Test(arguments: Lie.allCases)
    func `an answer forged at any command is never a card counted as done`(lie: Lie) async throws {
        let hall = try await TestHall()
        let honest = try hall.desk("honest")
        let card = try await hall.order()
        try await hall.start(card, "honest")
        honest.card = try hall.blank()
        #expect(try await honest.work() == .finished)
        // Every third command is enough here: the codec's own tests forge each.
        for index in stride(from: 2, through: honest.commands, by: 3) {
            let card = try await hall.order()
            let reader = "\(lie) \(index)"
            try await hall.start(card, reader)
            let desk = try hall.desk(reader)
            desk.card = try hall.blank()
            var seen = 0
            var isAltered = false
            desk.forge = { _, answer in
                seen += 1
                guard seen == index, let forged = Self.forged(answer, lie) else { return answer }
                isAltered = forged != answer
                return forged
            }
            let ending = try await desk.work()
            let state = try await hall.state(card)
            let job = try await hall.job(card).state
            // What is plain and harmless may be forged without effect: then the read-back has still proven the chip.
            if isAltered, ending != .finished {
                #expect(["UNKNOWN", "QUARANTINE", "CANCELLED", "QUEUED"].contains(job), "\(lie) at \(index): \(job)")
                #expect([.ordered, .personalising, .quarantine].contains(state.state), "\(lie) at \(index)")
            } else {
                #expect(ending == .finished && desk.card?.image.serial.octets == state.csn, "\(lie) at \(index)")
                #expect(try desk.isWhole(), "\(lie) at \(index)")
            }
        }
        #expect(try await hall.contradictions().isEmpty)
    }

    private static func forged(_ answer: [UInt8], _ lie: Lie) -> [UInt8]? {
        switch lie {
        case .success: [0x90, 0x00]
        case .failure: [0x6F, 0x00]
        case .flipped: answer.isEmpty ? nil : [answer[0] ^ 1] + answer.dropFirst()
        case .empty: []
        case .doubled: answer + answer
        }
    }

    @Test
    func `answers in another order are not taken`() async throws {
        let hall = try await TestHall()
        let card = try await hall.order()
        try await hall.start(card, "R")
        let desk = try hall.desk("R")
        desk.card = try hall.blank()
        var batches = 0
        desk.alter = { result in
            guard batches == 0, result.responses.count > 4 else { return result }
            batches += 1
            var responses = result.responses
            responses.swapAt(3, 4)
            return result.with(responses: responses)
        }
        #expect(try await desk.work() == .presentAgain)
        #expect(try await hall.job(card).state == "UNKNOWN")
        desk.alter = { $0 }
        #expect(try await desk.work() == .finished)
    }

    @Test
    func `a card of another job in the reader is refused and not written to`() async throws {
        let hall = try await TestHall()
        let finished = try await hall.made("A")
        let card = try await hall.order()
        try await hall.start(card, "R")
        let desk = try hall.desk("R")
        desk.card = finished.chip
        #expect(try await desk.work() == .otherCard)
        #expect(desk.writes == 0)
        #expect(try await hall.job(card) == TestHall.Job(state: "QUEUED", resumes: 0))
        #expect(try await hall.state(card).state == .ordered)
        // Torn in the middle, then another blank is presented: it stays blank, and the first one finishes.
        let blank = try hall.blank()
        desk.card = blank
        desk.cut = (desk.commands + 30, .after)
        #expect(try await desk.work() == .presentAgain)
        let torn = desk.card
        let writes = desk.writes
        desk.card = try hall.blank()
        for _ in 0..<5 { #expect(try await desk.work() == .otherCard) }
        #expect(desk.writes == writes)
        #expect(try await hall.job(card).state == "UNKNOWN")
        desk.card = torn
        #expect(try await desk.work() == .finished)
        #expect(try await hall.state(card).csn == blank.image.serial.octets)
        #expect(try await hall.job(card).resumes == 1)
        // And the activation of a card takes no other card either.
        try await hall.start(card, "R", .activate)
        let chip = desk.card
        desk.card = finished.chip
        let before = desk.writes
        #expect(try await desk.work() == .otherCard)
        #expect(desk.writes == before)
        desk.card = chip
        #expect(try await desk.work() == .activated)
    }

    @Test
    func `a chip that is exchanged between two batches is found`() async throws {
        let hall = try await TestHall()
        for swap in [2, 4, 7] {
            let card = try await hall.order()
            try await hall.start(card, "S\(swap)")
            let desk = try hall.desk("S\(swap)")
            desk.card = try hall.blank()
            let other = try hall.blank()
            var batches = 0
            desk.alter = { result in
                batches += 1
                if batches == swap { desk.card = other }
                return result
            }
            let ending = try await desk.work()
            #expect(ending == .setAside || ending == .otherCard, "\(swap)")
            // The other chip's counter may have moved; nothing of the card's holder is on it.
            #expect(desk.card?.image.citizenIsBlank == true, "\(swap)")
            #expect(try await hall.state(card).state == .quarantine, "\(swap)")
        }
        #expect(try await hall.contradictions().isEmpty)
    }

    @Test
    func `a blank of a foreign lot and a card that is not ours are not made`() async throws {
        let hall = try await TestHall()
        let card = try await hall.order()
        try await hall.start(card, "R")
        let desk = try hall.desk("R")
        desk.card = VirtualCard(
            CardImage(foreignPIV: ChipSerial(number: 1)),
            random: SeededRandom(seed: 1, actor: "piv")
        )
        #expect(try await desk.work() == .otherCard)
        #expect(try await hall.job(card).state == "QUEUED")
        desk.card = try hall.blank(lotMaster: [UInt8](repeating: 1, count: 16))
        #expect(try await desk.work() == .setAside)
        #expect(desk.card?.image.citizenIsBlank == true)
        #expect(try await hall.state(card).state == .quarantine)
        #expect(try await hall.test.acts().last == "card.quarantine")
    }

    @Test
    func `three resumes, then a person decides`() async throws {
        let hall = try await TestHall()
        let card = try await hall.order()
        try await hall.start(card, "R")
        let desk = try hall.desk("R")
        desk.card = try hall.blank()
        for resumes in 0..<4 {
            desk.cut = (desk.commands + 20, .after)
            #expect(try await desk.work() == .presentAgain)
            #expect(try await hall.job(card).resumes == Int16(resumes))
        }
        #expect(try await desk.work() == .setAside)
        #expect(try await hall.state(card).state == .quarantine)
        #expect(try await hall.job(card).state == "QUARANTINE")
        #expect(try await desk.work() == nil)
    }

    @Test
    func `a PIN that is too short is not sent, and the activation begins again`() async throws {
        let hall = try await TestHall()
        let made = try await hall.made("R")
        try await hall.start(made.card, "R", .activate)
        let desk = try hall.desk("R")
        desk.card = made.chip
        desk.pin = "123"
        #expect(try await desk.work() == .pinRefused)
        #expect(try await hall.state(made.card).state == .personalised)
        #expect(try await hall.job(made.card) == TestHall.Job(state: "UNKNOWN", resumes: 0))
        // The card itself refuses letters.
        desk.pin = "abcdef"
        #expect(try await desk.work() == .pinRefused)
        desk.pin = "482915"
        #expect(try await desk.work() == .activated)
    }

    @Test(arguments: [RelayResult.Status.done, .unexpectedStatus, .tear, .refused])
    func `two services at one job: the later one goes on, the earlier one changes nothing any more`(
        late status: RelayResult.Status
    ) async throws {
        let hall = try await TestHall()
        let card = try await hall.order()
        try await hall.start(card, "R")
        let second = try await hall.restarted()
        // Both ask at the same moment: one of them gets the job.
        let relay = hall.relay
        async let one = relay.next(desk: "D1", hall: "H1", reader: "R")
        async let two = second.relay.next(desk: "D1", hall: "H1", reader: "R")
        let replies = [try? await one, try? await two].compactMap { $0 }
        #expect(replies.count >= 1)
        // The first runs half of the job, then the second takes it over and runs it to the end but for the last answer.
        let slow = try hall.desk("R")
        slow.card = try hall.blank()
        var held: RelayResult?
        slow.alter = { result in
            if slow.steps.count == 5 { held = result }
            return slow.steps.count == 5 ? result.with(nonce: [UInt8](repeating: 0, count: 16)) : result
        }
        #expect(try await slow.work() == .presentAgain)
        let late = try #require(held)
        let fast = try hall.desk("R", second.relay)
        fast.card = slow.card
        var reply = try await second.relay.next(desk: "D1", hall: "H1", reader: "R")
        var batches = 0
        while batches < 4, let batch = try fast.batch(reply) {
            reply = try await second.relay.answer(fast.carried(batch), desk: "D1")
            batches += 1
        }
        let before = try await hall.job(card)
        // The late answer of the first run, with every ending it could have.
        _ = try? await hall.relay.answer(late.with(status: status), desk: "D1")
        #expect(try await hall.job(card) == before)
        #expect(try await hall.state(card).state == .personalising)
        while let batch = try fast.batch(reply) {
            reply = try await second.relay.answer(fast.carried(batch), desk: "D1")
        }
        #expect(reply.ending == .finished)
        #expect(try await hall.state(card).state == .personalised)
        #expect(try await hall.contradictions().isEmpty)
        await second.office.database.close()
    }

    @Test
    func `what fails inside the service leaves the job to be resumed`() async throws {
        let hall = try await TestHall()
        let card = try await hall.order()
        try await hall.start(card, "R")
        let desk = try hall.desk("R")
        desk.card = try hall.blank()
        // The evidence of the certificates cannot be written: nothing counts, the answer repeated changes nothing.
        try await Crash.commitFails.arm(hall.test.owner)
        await #expect(throws: (any Error).self) { try await desk.work() }
        try await Crash.commitFails.disarm(hall.test.owner)
        #expect(try await hall.state(card).state == .ordered)
        #expect(try await desk.work() == .finished)
        #expect(try await hall.contradictions().isEmpty)
    }
}
