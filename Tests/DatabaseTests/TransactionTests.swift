import Database
import Octets
import TestSupport
import Testing

@Suite("事务 Transactions")
struct TransactionTests {
    private static func withPurses() async throws -> Database {
        var settings = DatabaseSettings(conninfo: try await PrivateCluster.freshDatabase().conninfo)
        settings.defaultDeadline = .seconds(30)
        let database = try await Database.open(settings)
        try await database.execute(
            "CREATE TABLE purse (id int8 PRIMARY KEY, balance_fen int8 NOT NULL CHECK (balance_fen >= 0))"
        )
        return database
    }

    @Test
    func `a body that throws leaves nothing behind`() async throws {
        let database = try await TransactionTests.withPurses()
        struct Refused: Error {}
        await #expect(throws: Refused.self) {
            try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO purse (id, balance_fen) VALUES (1, 5)")
                throw Refused()
            }
        }
        #expect(try await database.all("SELECT id FROM purse").isEmpty)
        await database.close()
    }

    @Test
    func `a refusal that the body swallows is not taken for a commit`() async throws {
        let database = try await TransactionTests.withPurses()
        let fault = await #expect(throws: DatabaseFault.self) {
            try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO purse (id, balance_fen) VALUES (1, 5)")
                _ = try? await transaction.execute("INSERT INTO purse (id, balance_fen) VALUES (2, -5)")
            }
        }
        #expect(fault?.constraint == "purse_balance_fen_check")
        #expect(try await database.all("SELECT id FROM purse").isEmpty)
        await database.close()
    }

    @Test
    func `a read-only transaction cannot write`() async throws {
        let database = try await TransactionTests.withPurses()
        let fault = await #expect(throws: DatabaseFault.self) {
            try await database.transaction(access: .readOnly) { transaction in
                try await transaction.execute("INSERT INTO purse (id, balance_fen) VALUES (1, 5)")
            }
        }
        #expect(fault?.sqlstate == "25006")
        await database.close()
    }

    /// Acts take the transaction as a borrowed argument.
    private static func debit(_ purse: Int, in transaction: borrowing Transaction) async throws -> Int64? {
        try await transaction.maybe(
            """
            UPDATE purse SET balance_fen = balance_fen - 3 WHERE id = \(purse) AND balance_fen >= 3
            RETURNING balance_fen
            """
        )?.value("balance_fen")
    }

    @Test
    func `an act borrows the transaction and reads what it has written`() async throws {
        let database = try await TransactionTests.withPurses()
        let balances = try await database.transaction { transaction in
            try await transaction.execute("INSERT INTO purse (id, balance_fen) VALUES (1, 5)")
            let first = try await TransactionTests.debit(1, in: transaction)
            let second = try await TransactionTests.debit(1, in: transaction)
            return [first, second]
        }
        #expect(balances == [2, nil])
        await database.close()
    }

    private enum Debit { case guardedStatement, readThenWrite, serializable }

    /// Eight debtors with ten debits of 1 fen each on one purse of 1,000 fen; the balance left.
    private static func balance(after kind: Debit) async throws -> (left: Int, attempts: Int) {
        let database = try await withPurses()
        try await database.execute("INSERT INTO purse (id, balance_fen) VALUES (1, 1000)")
        let attempts = Lock(0)
        try await withThrowingTaskGroup { group in
            for _ in 1...8 {
                group.addTask {
                    for _ in 1...10 {
                        switch kind {
                        case .guardedStatement:
                            try await database.execute(
                                "UPDATE purse SET balance_fen = balance_fen - 1 WHERE id = 1 AND balance_fen >= 1"
                            )
                        case .readThenWrite, .serializable:
                            let isolation: Isolation = kind == .serializable ? .serializable : .readCommitted
                            try await database.transaction(isolation: isolation, retries: 1_000) { transaction in
                                attempts.with { $0 += 1 }
                                let read: Query = "SELECT balance_fen FROM purse WHERE id = 1"
                                let balance = try await transaction.one(read).value(at: 0, as: Int.self)
                                await Task.yield()
                                try await transaction.execute(
                                    "UPDATE purse SET balance_fen = \(balance - 1) WHERE id = 1"
                                )
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let left = try await database.one("SELECT balance_fen FROM purse").value(at: 0, as: Int.self)
        await database.close()
        return (left, attempts.with { $0 })
    }

    @Test
    func `a guarded single statement loses no debit`() async throws {
        #expect(try await TransactionTests.balance(after: .guardedStatement).left == 920)
    }

    @Test
    func `read and then write loses debits, so this test can tell the difference`() async throws {
        #expect(try await TransactionTests.balance(after: .readThenWrite).left > 920)
    }

    @Test
    func `serializable with retries loses no debit`() async throws {
        let (left, attempts) = try await TransactionTests.balance(after: .serializable)
        #expect(left == 920)
        #expect(attempts > 80)
    }

    @Test
    func `a conflict without retries left comes out`() async throws {
        let database = try await TransactionTests.withPurses()
        try await database.execute("INSERT INTO purse (id, balance_fen) VALUES (1, 10)")
        let fault = await #expect(throws: DatabaseFault.self) {
            try await database.transaction(isolation: .repeatableRead, retries: 0) { transaction in
                _ = try await transaction.one("SELECT balance_fen FROM purse")
                try await database.execute("UPDATE purse SET balance_fen = 9")
                try await transaction.execute("UPDATE purse SET balance_fen = 8")
            }
        }
        #expect(fault?.sqlstate == "40001")
        await database.close()
    }

    @Test
    func `a listener is told of every notice and of the start`() async throws {
        let database = try await TransactionTests.withPurses()
        var events = try database.listen("outbox").makeAsyncIterator()
        #expect(await events.next() == .listening)
        try await database.execute("SELECT pg_notify('outbox', \("7"))")
        #expect(await events.next() == .hint("7"))
        try await database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        )
        #expect(await events.next() == .listening)
        await database.close()
        #expect(await events.next() == nil)
    }
}
