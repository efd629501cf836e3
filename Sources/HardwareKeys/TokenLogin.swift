import CPKCS11
import KeyHierarchy
import Octets

/// 登录 Finds the token of the settings and opens its sessions with one login.
struct TokenLogin {
    let module: TokenModule
    let settings: TokenSettings

    /// New sessions in the place of lost ones. The PIN file is read each time, so that no PIN stays in memory.
    ///
    /// Throws `.pinRefused`, or `.unreachable` with what to check.
    func sessions() throws(CustodyFault) -> [TokenSession] {
        let pin = try PINFile.read(settings.pinPath)
        do throws(TokenRefusal) { return try open(pin) } catch {
            guard error.isLostGround || error == .absent else { throw fault(error) }
            // Some modules list their tokens when they are initialised, and only then.
            module.finalise()
            do throws(TokenRefusal) { return try open(pin) } catch { throw fault(error) }
        }
    }

    private func open(_ pin: borrowing SecretOctets) throws(TokenRefusal) -> [TokenSession] {
        try module.initialise()
        let slot = try slot()
        for mechanism in settings.vendor.all where !module.knows(mechanism.number, slot: slot) {
            throw TokenRefusal(operation: "GetMechanismInfo (\(mechanism.name))", code: mechanism.number)
        }
        var sessions: [TokenSession] = []
        do throws(TokenRefusal) {
            for _ in 0..<settings.sessions { sessions.append(try module.openSession(slot: slot)) }
            try sessions.first?.login(pin)
        } catch {
            for session in sessions { session.close() }
            throw error
        }
        return sessions
    }

    private func slot() throws(TokenRefusal) -> UInt {
        let tokens = try module.tokens().filter { token in
            token.isInitialised && token.label == settings.tokenLabel
                && (settings.tokenSerial == nil || token.serial == settings.tokenSerial)
        }
        guard let token = tokens.first else { throw .absent }
        guard tokens.count == 1 else { throw .ambiguous }
        return token.slot
    }

    private func fault(_ refusal: TokenRefusal) -> CustodyFault {
        let name = "\(settings.tokenLabel)\(settings.tokenSerial.map { " with serial number \($0)" } ?? "")"
        return switch refusal {
        case .absent: .unreachable("the module \(settings.modulePath) has no token \(name)")
        case .ambiguous: .unreachable("there are several tokens \(name); name the serial number")
        case _ where refusal.operation.hasPrefix("GetMechanismInfo"):
            .unreachable("the token \(name) lacks a mechanism of \(settings.vendor.name): \(refusal.operation)")
        case _ where refusal.isPINRefusal: .pinRefused
        default: .unreachable("the token \(name) cannot be used: \(refusal.operation) answered \(refusal.code)")
        }
    }
}
