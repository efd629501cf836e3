import Cryptography
import Octets

/// The chip's arithmetic on keys that lie in the image in clear: they are keys of a simulator, never of a person.
extension BlockCipher {
    /// Whole blocks under ECB; a failing library is 6F00.
    func encrypted(_ blocks: [UInt8], key: [UInt8]) throws(StatusWord) -> [UInt8] {
        do { return try encryptECB(key: SecretOctets(copying: key), blocks) } catch { throw .internalFault }
    }

    /// Whole blocks under ECB, the inverse.
    func decrypted(_ blocks: [UInt8], key: [UInt8]) throws(StatusWord) -> [UInt8] {
        do { return try decryptECB(key: SecretOctets(copying: key), blocks) } catch { throw .internalFault }
    }

    /// Whole blocks under CBC.
    func chained(_ blocks: [UInt8], key: [UInt8], initial: [UInt8]) throws(StatusWord) -> [UInt8] {
        do { return try encryptCBC(key: SecretOctets(copying: key), initial: initial, blocks) } catch {
            throw .internalFault
        }
    }

    /// Whole blocks under CBC, the inverse.
    func unchained(_ blocks: [UInt8], key: [UInt8], initial: [UInt8]) throws(StatusWord) -> [UInt8] {
        do { return try decryptCBC(key: SecretOctets(copying: key), initial: initial, blocks) } catch {
            throw .internalFault
        }
    }

    /// CMAC, 16 octets.
    func code(of message: [UInt8], key: [UInt8]) throws(StatusWord) -> [UInt8] {
        do { return try MessageAuthentication.cmac(self, key: SecretOctets(copying: key), message) } catch {
            throw .internalFault
        }
    }

    /// 校验值 The key check value: E(key, 16 x 01) for AES and SM4, E(key, 8 x 00) for 3DES; three octets.
    func checkValue(of key: [UInt8]) throws(StatusWord) -> [UInt8] {
        let block = [UInt8](repeating: blockLength == 16 ? 0x01 : 0x00, count: blockLength)
        return Array(try encrypted(block, key: key).prefix(3))
    }
}

/// ISO/IEC 9797-1 padding 2 to whole blocks: always 80, then zeros.
func padded(_ octets: [UInt8], to block: Int) -> [UInt8] {
    let padded = octets + [0x80]
    return padded + [UInt8](repeating: 0, count: (block - padded.count % block) % block)
}

/// The inverse of `padded`; nil when the padding is not there.
func unpadded(_ octets: [UInt8]) -> [UInt8]? {
    guard let end = octets.lastIndex(where: { $0 != 0 }), octets[end] == 0x80 else { return nil }
    return Array(octets[..<end])
}
