import Database
import Foundation
import Glibc
import TestSupport
import Testing

/// The script of the private cluster; each test has clusters of its own.
@Suite("私有集群 The private cluster")
struct ClusterTests {
    @Test
    func `a second start, a killed postmaster and a reused process number do not stop the cluster`() async throws {
        let cluster = try await PrivateCluster.started()
        let path = cluster.folder.path
        #expect(try await PrivateCluster.script(["start", path]) == cluster.conninfo)
        #expect(try await PrivateCluster.script(["status", path]) == cluster.conninfo)
        let identity = try await ClusterTests.identity(cluster.conninfo)

        let postmaster = try #require(try ClusterTests.postmaster(of: cluster))
        #expect(kill(postmaster, SIGKILL) == 0)
        #expect(try await PrivateCluster.script(["start", path]) == cluster.conninfo)
        #expect(try await ClusterTests.identity(cluster.conninfo) == identity)
        #expect(try ClusterTests.postmaster(of: cluster) != postmaster)

        try await PrivateCluster.script(["stop", path])
        await #expect(throws: PrivateCluster.Fault.self) { try await PrivateCluster.script(["status", path]) }
        // The number of this very process stands for one that was given out again.
        try "\(getpid())\n".write(toFile: path + "/data/postmaster.pid", atomically: false, encoding: .utf8)
        #expect(try await PrivateCluster.script(["start", path]) == cluster.conninfo)
        #expect(try await ClusterTests.identity(cluster.conninfo) == identity)

        try "1\n".write(toFile: path + "/system_identifier", atomically: false, encoding: .utf8)
        await #expect(throws: PrivateCluster.Fault.self) { try await PrivateCluster.script(["start", path]) }
        try await PrivateCluster.script(["stop", path])
    }

    @Test
    func `two starters at once make one cluster`() async throws {
        let folder = PrivateCluster.temporaryFolder()
        async let one = PrivateCluster.script(["start", folder.path])
        async let other = PrivateCluster.script(["start", folder.path])
        let answers = try await (one, other)
        try PrivateCluster.watch(folder)
        #expect(answers.0 == answers.1)
        #expect(try await !ClusterTests.identity(answers.0).isEmpty)
        try await PrivateCluster.script(["stop", folder.path])
    }

    @Test
    func `a killed initdb leaves no half cluster, and a deep folder gets a short socket`() async throws {
        let top = PrivateCluster.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: top) }
        let folder = top.appendingPathComponent(String(repeating: "deep", count: 30))
        // What a killed initdb leaves.
        let half = folder.appendingPathComponent("data.tmp/base")
        try FileManager.default.createDirectory(at: half, withIntermediateDirectories: true)
        try "15\n".write(to: folder.appendingPathComponent("data.tmp/PG_VERSION"), atomically: false, encoding: .utf8)
        // The parents were made with the usual mode; the server's user must pass through them.
        let conninfo = try await PrivateCluster.script(["start", folder.path])
        try PrivateCluster.watch(folder)
        let socket = try String(contentsOf: folder.appendingPathComponent("socket"), encoding: .utf8)
        #expect(socket.utf8.count < 80)
        #expect(conninfo.hasPrefix("host=" + socket.dropLast()))
        #expect(try await !ClusterTests.identity(conninfo).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/data.tmp"))
        try await PrivateCluster.script(["stop", folder.path])
        #expect(try await PrivateCluster.script(["start", folder.path]) == conninfo)
        try await PrivateCluster.script(["stop", folder.path])
    }

    @Test(.enabled(if: getuid() == 0, "only root hands the cluster to another user"))
    func `a folder that the server cannot reach is named`() async throws {
        let closed = PrivateCluster.temporaryFolder()
        try FileManager.default.createDirectory(
            at: closed,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(at: closed) }
        let fault = await #expect(throws: PrivateCluster.Fault.self) {
            try await PrivateCluster.script(["start", closed.path + "/outer/inner"])
        }
        #expect(fault?.description.contains("cannot pass through the folder \(closed.path) ") == true)
    }

    @Test
    func `a broken wait for the standby is never a success`() async throws {
        let cluster = try await PrivateCluster.started()
        var settings = DatabaseSettings(conninfo: cluster.conninfo + " application_name=subject")
        settings.connections = 1
        let subject = try await Database.open(settings)
        settings.conninfo = cluster.conninfo
        let observer = try await Database.open(settings)
        try await subject.execute("CREATE TABLE entry (id int8 PRIMARY KEY)")
        try await observer.execute("ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (missing)'")
        try await observer.execute("SELECT pg_reload_conf()")
        let writes: [@Sendable () async throws -> Void] = [
            // The server takes the setting up when it likes: this one writes until it has to wait.
            {
                while true {
                    try await subject.execute("INSERT INTO entry (id) VALUES (0) ON CONFLICT (id) DO UPDATE SET id = 0")
                }
            },
            { try await subject.execute("INSERT INTO entry (id) VALUES (1)") },
            { try await subject.append("INSERT INTO entry (id) VALUES (2)") },
            { _ = try await subject.transaction { try await $0.execute("INSERT INTO entry (id) VALUES (3)") } },
        ]
        for write in writes {
            let writing = Task { try await write() }
            let waiting: Query = "application_name = 'subject' AND wait_event = 'SyncRep'"
            try await eventually("the write waits for the standby") {
                try await observer.one(
                    "SELECT count(*) FROM pg_stat_activity WHERE \(fragment: waiting)"
                ).value(at: 0, as: Int.self) == 1
            }
            _ = try await observer.all("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE \(fragment: waiting)")
            await #expect(throws: DatabaseFault.commitUnknown) { try await writing.value }
        }
        #expect(try await observer.one("SELECT count(*) FROM entry").value(at: 0) == 4)
        await subject.close()
        await observer.close()
        try await PrivateCluster.script(["stop", cluster.folder.path])
    }

    private static func identity(_ conninfo: String) async throws -> String {
        let database = try await Database.open(DatabaseSettings(conninfo: conninfo))
        let row = try await database.one("SELECT system_identifier::text AS name FROM pg_control_system()")
        await database.close()
        return try row.value("name")
    }

    private static func postmaster(of cluster: PrivateCluster) throws -> pid_t? {
        let text = try String(contentsOfFile: cluster.folder.path + "/data/postmaster.pid", encoding: .utf8)
        return text.split(separator: "\n").first.flatMap { pid_t($0) }
    }
}
