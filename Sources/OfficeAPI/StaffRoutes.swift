import Encodings
package import HTTP
package import Office
package import Octets

/// 登录 Staff sessions of the API: the desk's command line signs in here; the console has pages of its own.
package enum StaffRoutes {
    /// Sign-in and sign-out.
    package static func routes(_ office: Office, _ workers: WorkerThreads) -> [Route] {
        [
            Route(.post, "/api/v1/staff/sessions", name: "signIn") { request, _ in
                let body = try StaffRequest.json(request)
                guard let user = body["user"]?.string, let password = body["password"]?.string,
                    let code = body["code"]?.string
                else { throw ProblemWords.problem(.credentials) }
                do throws(Refusal) {
                    let session = try await office.signIn(
                        user: user,
                        password: SecretOctets(copying: password.utf8),
                        code: code,
                        on: workers
                    )
                    let answer: JSON = [
                        "token": .string(session.token), "user": .string(session.caller.userName),
                        "role": .string(session.caller.role), "hall": .string(session.caller.hall),
                    ]
                    return .json(answer.encoded, status: 201).with("cache-control", "no-store")
                } catch { throw ProblemWords.problem(error) }
            },
            Route(.delete, "/api/v1/staff/sessions/current", name: "signOut") { request, _ in
                guard let token = request.credentials("Bearer") else { throw ProblemWords.problem(.credentials) }
                do throws(Refusal) { try await office.signOut(token: token) } catch {
                    throw ProblemWords.problem(error)
                }
                return .noContent
            },
        ]
    }
}
