import Octets

/// READ and UPDATE of elementary files: one code for the applications that have any (profile CC-1, 2.6, 2.8, 2.9).
extension VirtualCard {
    /// Which access octet a write is measured by.
    private enum Write {
        case update
        case append
    }

    private static let shortIdentifierBit: UInt8 = 0x80

    /// 00 B0: P1 = 80 | SFI and P2 the offset, or a 15-bit offset in the current file.
    mutating func readBinary(_ command: Command) throws(StatusWord) -> Reply {
        let (position, offset) = try place(command)
        try command.length(0)
        let file = try directory().files[position]
        try requireReadableWhenLocked(file)
        try requireWorkingState()
        guard mayRead(file) else { throw .accessDenied }
        let most = channel == nil ? command.expected : min(command.expected, SecureChannel.mostPlain)
        return Reply(data: try file.read(from: offset, count: most))
    }

    /// 00 D6; CLA 04 without a session is a sector's maintenance.
    mutating func updateBinary(_ command: Command, after earlier: Selection) throws(StatusWord) -> Reply {
        let (position, offset) = try place(command)
        return try write(command, position, after: earlier) { file, data throws(StatusWord) in
            try file.write(data, at: offset)
        }
    }

    /// 00 B2 n, P2 = SFI << 3 | 4.
    mutating func readRecord(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p2 & 0x07 == 0x04 else { throw .wrongParameters }
        try command.length(0)
        let file = try directory().files[try position(recordSelector: command.p2)]
        try requireReadableWhenLocked(file)
        try requireWorkingState()
        guard mayRead(file) else { throw .accessDenied }
        return Reply(data: try file.record(command.p1))
    }

    /// 00 DC n, P2 = SFI << 3 | 4.
    mutating func updateRecord(_ command: Command, after earlier: Selection) throws(StatusWord) -> Reply {
        guard command.p2 & 0x07 == 0x04 else { throw .wrongParameters }
        let number = command.p1
        return try write(command, try position(recordSelector: command.p2), after: earlier) {
            file,
            data throws(StatusWord) in
            try file.replace(record: number, data)
        }
    }

    /// 00 E2 00, P2 = SFI << 3.
    mutating func appendRecord(_ command: Command, after earlier: Selection) throws(StatusWord) -> Reply {
        guard command.p1 == 0x00, command.p2 & 0x07 == 0x00 else { throw .wrongParameters }
        let position = try position(recordSelector: command.p2)
        return try write(command, position, after: earlier, as: .append) { file, data throws(StatusWord) in
            try file.append(data)
        }
    }

    private func directory() throws(StatusWord) -> DedicatedFile {
        guard let directory = image[selection.application] else { throw .fileNotFound }
        return directory
    }

    private func place(_ command: Command) throws(StatusWord) -> (position: Int, offset: Int) {
        guard command.p1 & Self.shortIdentifierBit == 0 else {
            guard command.p1 & 0x60 == 0 else { throw .wrongParameters }
            return (try position(short: command.p1 & 0x1F), Int(command.p2))
        }
        return (try position(short: 0), Int(command.p1p2))
    }

    private func position(recordSelector p2: UInt8) throws(StatusWord) -> Int { try position(short: p2 >> 3) }

    /// By short identifier; 0 stands for the current file.
    private func position(short: UInt8) throws(StatusWord) -> Int {
        let directory = try directory()
        guard short != 0 else {
            guard let file = selection.file else { throw .noCurrentFile }
            guard let position = directory.position(of: file) else { throw .fileNotFound }
            return position
        }
        guard let position = directory.position(short: short) else { throw .fileNotFound }
        return position
    }

    private mutating func write(
        _ command: Command,
        _ position: Int,
        after earlier: Selection,
        as kind: Write = .update,
        _ change: (inout ElementaryFile, [UInt8]) throws(StatusWord) -> Void
    ) throws(StatusWord) -> Reply {
        let file = try directory().files[position]
        guard !command.data.isEmpty else { throw .wrongLength }
        try requireUnlocked()
        try requireWorkingState()
        if command.isSecured {
            let rule = kind == .append ? file.access?.append : file.access?.update
            return try maintain(command, rule: rule ?? 0, after: earlier) { directory, data throws(StatusWord) in
                try change(&directory.files[position], data)
            }
        }
        guard mayWrite(file, as: kind) else { throw .accessDenied }
        guard var directory = image[selection.application] else { throw .fileNotFound }
        try change(&directory.files[position], command.data)
        image[selection.application] = directory
        return .done
    }

    /// A sector's application in state 07 knows GET DATA, INTERNAL AUTHENTICATE and SC alone.
    func requireWorkingState() throws(StatusWord) {
        guard case .sector = selection.application, let directory = image[selection.application] else { return }
        guard directory.state == .personalized || hasIssuerAccess else { throw .wrongState }
    }

    private func mayRead(_ file: ElementaryFile) -> Bool {
        switch selection.application {
        case .citizen: mayReadCitizen(file.identifier)
        case .purse:
            file.identifier != PurseApplication.holderFile || selection.holderIsVerified || hasIssuerAccess
        case .sector: isGranted(file.access?.read ?? 0)
        case .issuerDomain, .piv, .masterFile: false
        }
    }

    private func mayReadCitizen(_ identifier: UInt16) -> Bool {
        let demanded: UInt16
        switch identifier {
        case CitizenApplication.nameFile: demanded = CitizenApplication.Mask.name
        case CitizenApplication.identityFile: demanded = CitizenApplication.Mask.identity
        case CitizenApplication.photoFile: demanded = CitizenApplication.Mask.photo
        case CitizenApplication.indexFile: demanded = CitizenApplication.Mask.index
        default: return true
        }
        return selection.readerMask & demanded == demanded || selection.holderIsVerified || hasIssuerAccess
    }

    private func mayWrite(_ file: ElementaryFile, as kind: Write) -> Bool {
        switch selection.application {
        case .citizen: file.identifier == CitizenApplication.photoFile && hasIssuerAccess
        case .sector: isGranted((kind == .append ? file.access?.append : file.access?.update) ?? 0)
        case .purse, .issuerDomain, .piv, .masterFile: false
        }
    }
}
