import Cryptography
import HTTP
import Octets
import Office
import Policies

/// 来访 One request of somebody who is signed in.
struct Visit: Sendable {
    /// Why a request is not a visit, or its form not to be believed.
    enum Fault: Error {
        case signedOut
        case foreignForm
    }

    /// The browser gives it back only over TLS, to this host, from pages of this site.
    static let cookieName = "__Host-cc_sid"

    let request: Request
    let caller: StaffCaller
    /// The session's secret, as the cookie holds it.
    let token: String
    private let roles: RolePolicy
    private let formToken: String
    private let formTokenHash: [UInt8]

    /// Reads the cookie and asks for its session; throws `signedOut` when there is none.
    init(_ request: Request, _ office: Office) async throws {
        guard let token = try request.cookies.value(Self.cookieName),
            let octets = try? Base64.decode(token, .url)
        else { throw Fault.signedOut }
        do throws(Refusal) {
            (caller, formTokenHash) = try await office.session(token: token)
        } catch {
            throw error == .credentials ? Fault.signedOut : error as any Error
        }
        self.request = request
        self.token = token
        roles = office.roles
        formToken = Base64.encode(StaffSession.formToken(ofSession: octets), .url)
    }

    /// Who asks, for the door.
    var by: Caller { .staff(caller) }

    /// Whether policy lets this role do an act; what it does not is not offered.
    func may(_ act: String) -> Bool { roles.may(caller.role, act) }

    /// The role in words.
    var roleWords: Words {
        let role = roles.roles.first { $0.name == caller.role }
        return Words(role?.chinese ?? caller.role, role?.english ?? caller.role)
    }

    /// 表单令牌 What every form of this visit must carry.
    var formField: HTML { "<input type=\"hidden\" name=\"form\" value=\"\(formToken)\">" }

    /// The fields of the form, when it is one of this session's; throws `foreignForm` when another site, or nobody, sent
    /// it.
    func form() throws -> Fields {
        guard Fields.isOwn(request) else { throw Fault.foreignForm }
        let fields = Fields(try request.form())
        guard let given = try? Base64.decode(fields["form"], .url),
            constantTimeEquals(Digest.sha256.hash(given), formTokenHash)
        else { throw Fault.foreignForm }
        return fields
    }
}
