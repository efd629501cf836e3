import CardEngine
import CardSimulator
import Cards
import Database
import Office
import Testing

@Suite("断点 torn at every command, the service started again each time")
struct RelayTearTests {
    /// Work torn at one command, then gone on with by a service that was started again.
    private func torn(
        _ hall: TestHall,
        _ card: [UInt8],
        _ chip: VirtualCard?,
        at index: Int,
        _ cut: DeskDouble.Cut
    ) async throws -> RelayService.Ending? {
        let desk = try hall.desk("\(cut) \(index)")
        desk.card = chip
        desk.cut = (index, cut)
        var ending = try await desk.work()
        for _ in 0..<4 where ending == .presentAgain {
            let restarted = try await hall.restarted()
            desk.relay = restarted.relay
            ending = try await desk.work()
            await restarted.office.database.close()
        }
        return ending
    }

    @Test(arguments: [DeskDouble.Cut.before, .after])
    func `a card being made ends as the same card`(cut: DeskDouble.Cut) async throws {
        let hall = try await TestHall()
        let whole = try hall.desk("whole")
        whole.card = try hall.blank()
        try await hall.start(hall.order(), "whole")
        #expect(try await whole.work() == .finished)
        #expect(whole.commands > 60)
        for index in 1...whole.commands {
            let card = try await hall.order()
            let chip = try hall.blank()
            try await hall.start(card, "\(cut) \(index)")
            #expect(try await torn(hall, card, chip, at: index, cut) == .finished, "\(cut) \(index)")
            let state = try await hall.state(card)
            #expect(state.state == .personalised && state.csn == chip.image.serial.octets, "\(cut) \(index)")
            #expect(try await hall.job(card).state == "READY", "\(cut) \(index)")
        }
        #expect(try await hall.contradictions().isEmpty)
    }

    @Test(arguments: [DeskDouble.Cut.before, .after])
    func `a card being activated ends active, once`(cut: DeskDouble.Cut) async throws {
        let hall = try await TestHall()
        let whole = try await hall.made("whole")
        let desk = try hall.desk("whole")
        desk.card = whole.chip
        try await hall.start(whole.card, "whole", .activate)
        #expect(try await desk.work() == .activated)
        for index in 1...desk.commands {
            let made = try await hall.made("\(cut) \(index)")
            try await hall.start(made.card, "\(cut) \(index)", .activate)
            #expect(try await torn(hall, made.card, made.chip, at: index, cut) == .activated, "\(cut) \(index)")
            #expect(try await hall.state(made.card).state == .active, "\(cut) \(index)")
            #expect(try await hall.job(made.card).state == "DONE", "\(cut) \(index)")
        }
        let live = try await hall.test.owner.one("SELECT count(*) AS n FROM card WHERE state = 5")
        #expect(try live.value("n") == Int64(desk.commands + 1))
        #expect(try await hall.contradictions().isEmpty)
    }
}
