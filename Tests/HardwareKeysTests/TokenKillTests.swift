import Foundation
import Glibc
import HardwareKeys
import KeyHierarchy
import Octets
import Testing

extension HardwareKeysTests {
    @Suite(
        "令牌断电 a process killed while it makes keys",
        .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/python3"), "python3 is not installed")
    )
    struct TokenKillTests {
        @Test
        func `every key that was acknowledged before kill -9 is there, and further keys can be made`() throws {
            let token = try TestToken.shared.get()
            let custody = try TokenCustody(token.settings())
            for round in 0..<3 {
                let prefix = "killed.\(UUID().uuidString.prefix(8).lowercased())"
                let process = Process()
                process.executableURL = URL(filePath: "/usr/bin/python3")
                process.arguments = ["-c", Self.maker, token.modulePath, token.pinPath, prefix]
                process.environment = ["SOFTHSM2_CONF": token.configuration]
                let pipe = Pipe()
                process.standardOutput = pipe
                try process.run()
                var answers: [UInt8] = []
                while answers.count(where: { $0 == 0x0A }) < 10 + round * 3 {
                    let next = pipe.fileHandleForReading.availableData
                    guard !next.isEmpty else { break }
                    answers += next
                }
                kill(process.processIdentifier, SIGKILL)
                answers += pipe.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                let names = String(decoding: answers, as: UTF8.self).split(separator: "\n")
                #expect(names.count >= 10 + round * 3)
                for name in names {
                    #expect(try custody.cmac(KeyName(text: String(name)), [1]).count == 16)
                }
                try custody.bring(
                    KeyName("\(prefix).after"),
                    .aes128,
                    SecretOctets(copying: [UInt8](repeating: 1, count: 16))
                )
                #expect(try custody.cmac(KeyName("\(prefix).after"), [1]).count == 16)
            }
        }

        /// Makes AES-128 keys until it is killed, and says each name when its making was answered.
        private static let maker = """
            import ctypes, sys
            module, pins, prefix = sys.argv[1:]
            U, word = ctypes.c_ulong, lambda number: number.to_bytes(8, sys.byteorder)
            lib = ctypes.CDLL(module)
            class Attribute(ctypes.Structure): _fields_ = [("type", U), ("value", ctypes.c_char_p), ("length", U)]
            lib.C_Initialize(None)
            count, slots, session, handle = U(8), (U * 8)(), U(), U()
            lib.C_GetSlotList(ctypes.c_ubyte(1), slots, ctypes.byref(count))
            lib.C_OpenSession(U(slots[0]), U(6), None, None, ctypes.byref(session))
            pin = open(pins, "rb").read().strip()
            lib.C_Login(session, U(1), pin, U(len(pin)))
            for number in range(10000):
                name = f"{prefix}.{number}#1".encode()
                values = {0: word(4), 0x100: word(0x1F), 0x11: b"k" * 16, 1: b"\\1", 2: b"\\1", 0x108: b"\\1",
                          0x103: b"\\1", 0x162: b"\\0", 3: name, 0x102: name}
                list = (Attribute * len(values))(*[Attribute(t, v, len(v)) for t, v in values.items()])
                if lib.C_CreateObject(session, list, U(len(values)), ctypes.byref(handle)) != 0: sys.exit(1)
                print(name.decode(), flush=True)
            """
    }
}
