import Encodings
package import HTTP
package import Office
import OfficeAPI
package import Octets

/// 服务台 The clerks' console, rendered by the service: everything under `/console/`.
///
/// Nothing personal stands in a path or a query: what is looked for travels in bodies, cards by random references.
package enum ConsoleRoutes {
    /// All pages; `workers` checks passwords.
    package static func routes(_ office: Office, _ workers: WorkerThreads) -> [Route] {
        SignInPage.routes(office, workers) + SearchPage.routes(office) + PersonPage.routes(office)
            + CardPage.routes(office) + JobPage.routes(office) + Assets.routes()
    }

    /// A refusal as a page, for paths of the console; problem documents for everybody else.
    package static func refusal(_ problem: Problem, _ request: Request?) -> Response {
        guard let request, request.path == "/console" || request.path.hasPrefix("/console/") else {
            return .problem(problem)
        }
        return RefusalPage.response(problem, for: nil)
    }

    /// A handler for somebody signed in: without a session the browser is sent to sign in, and what is refused comes as a
    /// page with the words and the remedy.
    static func visited(
        _ office: Office,
        _ body: @escaping @Sendable (Visit, Parameters) async throws -> Response
    ) -> Handler {
        { request, parameters in
            let visit: Visit
            do { visit = try await Visit(request, office) } catch Visit.Fault.signedOut { return signIn() }
            do {
                return try await body(visit, parameters)
            } catch let refusal as Refusal {
                guard refusal != .credentials else { return signIn() }
                return RefusalPage.response(ProblemWords.problem(refusal), for: visit)
            } catch let problem as Problem {
                return RefusalPage.response(problem, for: visit)
            } catch Visit.Fault.foreignForm {
                return RefusalPage.foreignForm(for: visit)
            }
        }
    }

    /// 303 to a place of the console.
    static func go(_ target: String) -> Response { Page.secured(.seeOther(target)) }

    private static func signIn() -> Response { go("/console/sign-in") }
}
