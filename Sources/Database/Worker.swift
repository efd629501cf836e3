/// One thread with one connection: takes work from the queue until that is closed.
final class Worker {
    private let settings: DatabaseSettings
    private let queue: JobQueue
    private let wake: WakePipe
    private var connection: Connection?

    init(_ settings: DatabaseSettings, _ queue: JobQueue, wake: WakePipe) {
        self.settings = settings
        self.queue = queue
        self.wake = wake
    }

    /// The thread's life.
    func run() {
        while let work = queue.take(batchLimit: settings.batchLimit) {
            switch work {
            case .batch(let kind, let jobs): perform(jobs, kind)
            case .exclusive(let job): perform(job)
            }
            if let spoilt = connection, spoilt.isSpoilt { connection = nil }
            connection?.freeDroppedStatements()
        }
    }

    /// A live connection, made anew where the last one is gone.
    private func connected() throws(DatabaseFault) -> Connection {
        if let connection, !connection.isStale { return connection }
        connection = nil
        let fresh = try Connection(settings, wake: wake)
        connection = fresh
        return fresh
    }

    private func perform(_ job: ExclusiveJob) {
        guard job.interrupt.begin() else { return }
        guard !job.hasExpired else { return job.perform(.failure(.timeout)) }
        do throws(DatabaseFault) { job.perform(.success(try connected())) } catch { job.perform(.failure(error)) }
    }

    private func perform(_ jobs: [StatementJob], _ kind: Connection.BatchKind) {
        var live: [StatementJob] = []
        for job in jobs where job.interrupt.begin() {
            if job.hasExpired {
                job.reply.answer(.failure(.timeout))
            } else if let fault = job.query.fault {
                job.reply.answer(.failure(fault))
            } else {
                live.append(job)
            }
        }
        guard live.count > 1 else { return live.forEach(performSingly) }
        // A look-up ends with the most hurried member, the others then run singly; an append cannot be broken off.
        let deadlines = live.map(\.deadline)
        let deadline = (kind == .reads ? deadlines.min() : deadlines.max()) ?? .now
        do throws(DatabaseFault) {
            let answers = try connected().runBatch(live.map(\.query), kind, deadline: deadline)
            for (job, answer) in zip(live, answers) { job.reply.answer(.success(answer)) }
        } catch .commitUnknown {
            live.forEach { $0.reply.answer(.failure(.commitUnknown)) }
        } catch {
            live.forEach(performSingly)
        }
    }

    private func performSingly(_ job: StatementJob) {
        guard !job.hasExpired else { return job.reply.answer(.failure(.timeout)) }
        do throws(DatabaseFault) {
            job.reply.answer(.success(try single(job)))
        } catch .connection where job.kind == .reads {
            // A look-up may be asked twice; the second connection is a new one.
            do throws(DatabaseFault) {
                job.reply.answer(.success(try single(job)))
            } catch { job.reply.answer(.failure(error)) }
        } catch { job.reply.answer(.failure(error)) }
    }

    private func single(_ job: StatementJob) throws(DatabaseFault) -> Answer {
        let interrupt = job.kind == .reads ? job.interrupt : nil
        let answers = try connected().runBatch([job.query], job.kind, deadline: job.deadline, interrupt: interrupt)
        guard let answer = answers.first else { throw .unexpected("batch without an answer") }
        return answer
    }
}
