import Cards
import HTTP
import Office

/// 实时进度 The events of one job's page: a hint only, a page that connects again reads the job itself.
struct Progress: Sendable {
    /// Between two looks at the row.
    private static let interval = Duration.milliseconds(300)
    /// Looks between two questions whether the session still stands: ten seconds.
    private static let sessionEvery = 33
    /// Then the page is left to its reader, so that a forgotten one does not keep a session awake: five minutes.
    private static let limit = 1000

    private let name: String
    private let caller: StaffCaller
    private let token: String
    private let office: Office

    init(_ job: JobSheet, for caller: StaffCaller, _ token: String, _ office: Office) {
        name = job.name
        self.caller = caller
        self.token = token
        self.office = office
    }

    /// Sends the stages when they change, and the end when the job needs its desk no more.
    func run(_ stream: EventStream) async {
        var last: JobSheet?
        for look in 0..<Self.limit {
            if look > 0, look.isMultiple(of: Self.sessionEvery), !(await isSignedIn) { break }
            guard let job = try? await JobSheet.of(name, for: caller, office) else { break }
            guard job.state.isOpen else {
                stream.send(event: "end", data: "")
                return
            }
            if job != last {
                stream.send(event: "stages", data: JobPage.stages(job).text)
                if JobPage.instruction(job) != last.map(JobPage.instruction) {
                    stream.send(event: "instruction", data: JobPage.instruction(job).text)
                }
                last = job
            }
            guard (try? await Task.sleep(for: Self.interval)) != nil, !stream.isEnded else { return }
        }
        stream.send(event: "pause", data: "")
    }

    private var isSignedIn: Bool {
        get async { (try? await office.session(token: token)) != nil }
    }
}
