import Database

/// 崩溃 How a transaction ends between its work and its end: at the commit, with every row of the act written.
enum Crash: CaseIterable {
    /// The commit itself fails.
    case commitFails
    /// The connection dies while the commit is under way.
    case connectionDies

    func arm(_ owner: Database) async throws {
        try await owner.execute(
            """
            CREATE OR REPLACE FUNCTION test_fails() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'the test fails this commit'; END $$
            """
        )
        try await owner.execute(
            """
            CREATE OR REPLACE FUNCTION test_dies() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$
            """
        )
        switch self {
        case .commitFails:
            try await owner.execute(
                """
                CREATE CONSTRAINT TRIGGER test_crash AFTER INSERT ON evidence_pending DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION test_fails()
                """
            )
        case .connectionDies:
            try await owner.execute(
                """
                CREATE CONSTRAINT TRIGGER test_crash AFTER INSERT ON evidence_pending DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION test_dies()
                """
            )
        }
    }

    func disarm(_ owner: Database) async throws {
        try await owner.execute("DROP TRIGGER test_crash ON evidence_pending")
    }
}
