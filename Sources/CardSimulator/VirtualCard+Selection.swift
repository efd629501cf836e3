import Octets

/// SELECT (profile CC-1, 2.2).
extension VirtualCard {
    /// 00 A4 04 by name, 00 A4 00 by file identifier; P2 = 0C asks for no FCI.
    mutating func select(_ command: Command) throws(StatusWord) -> Reply {
        guard command.p1 == 0x04 || command.p1 == 0x00 && image.make == .citizen,
            command.p2 == 0x00 || command.p2 == 0x0C
        else { throw .wrongParameters }
        guard command.p1 == 0x04 else { return try selectFile(command) }
        let name = command.data
        guard (1...16).contains(name.count) else { throw .wrongLength }
        let found = image.applications.first { name.count >= 5 && $0.identifier.starts(with: name) }
        return try enter(found, command)
    }

    private mutating func selectFile(_ command: Command) throws(StatusWord) -> Reply {
        try command.length(2)
        let wanted = UInt16(command.data[0]) << 8 | UInt16(command.data[1])
        if let found = image.applications.first(where: { $0.fileIdentifiers.contains(wanted) }) {
            return try enter(found, command)
        }
        guard let directory = image[selection.application], let position = directory.position(of: wanted) else {
            return try enter(nil, command)
        }
        let file = directory.files[position]
        if directory.state.isLocked { try requireReadableWhenLocked(file) }
        selection.file = wanted
        return Reply(data: command.p2 == 0x0C ? [] : file.controlInformation)
    }

    private mutating func enter(_ found: Application?, _ command: Command) throws(StatusWord) -> Reply {
        if image.state == .locked || image.state == .terminated, found != .issuerDomain { throw .notSupported }
        guard let found else { throw .fileNotFound }
        channel = nil
        selection = Selection(found)
        let isLocked = found != .issuerDomain && image[found]?.state.isLocked == true
        return Reply(
            data: command.p2 == 0x0C ? [] : controlInformation(found),
            status: isLocked ? .selectedLocked : .done
        )
    }

    private func controlInformation(_ application: Application) -> [UInt8] {
        let proprietary: [UInt8]
        switch application {
        case .piv:
            return [
                0x61, 0x11, 0x4F, 0x06, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x79, 0x07, 0x4F, 0x05, 0xA0, 0x00, 0x00,
                0x03, 0x08,
            ]
        case .issuerDomain: proprietary = [0x9F, 0x65, 0x01, 0xEF]
        case .masterFile: proprietary = [0x88, 0x01, 0x01]
        case .citizen: proprietary = [0x9F, 0x0C, 0x03, 0x01, 0x00, image.citizen.directory.state.rawValue]
        case .purse:
            let content = image.purse.directory.files.first { $0.identifier == PurseApplication.publicFile }?.content
            proprietary = [0x9F, 0x0C, 0x1E] + (content ?? [])
        case .sector(let number):
            let sector = image.sectors.first { $0.number == number }
            let version = (sector?.profileVersion ?? 0).bigEndianOctets
            proprietary = [0x9F, 0x0C, 0x03] + version + [sector?.directory.state.rawValue ?? 0]
        }
        let name = application.identifier
        let body = [0x84, UInt8(name.count)] + name + [0xA5, UInt8(proprietary.count)] + proprietary
        return [0x6F, UInt8(body.count)] + body
    }

    /// A locked application answers SELECT, GET DATA and SCP03 alone.
    func requireUnlocked() throws(StatusWord) {
        guard let directory = image[selection.application], directory.state.isLocked,
            selection.application != .issuerDomain
        else { return }
        throw .wrongState
    }

    /// In a locked purse EF15, EF17, EF18 and EF1A are still read.
    func requireReadableWhenLocked(_ file: ElementaryFile) throws(StatusWord) {
        guard let directory = image[selection.application], directory.state.isLocked else { return }
        guard selection.application == .purse, file.identifier != PurseApplication.holderFile else {
            throw .wrongState
        }
    }
}
