//! RC2 (RFC 2268), decryption alone: Keychain Access and old openssl encrypt the certificates of a PKCS #12 file
//! with it. It protects nothing here; certificates are public.

use zeroize::Zeroizing;

use crate::wire::Secret;

/// RFC 2268 section 2, from the digits of pi.
const PI: [u8; 256] = [
    0xd9, 0x78, 0xf9, 0xc4, 0x19, 0xdd, 0xb5, 0xed, 0x28, 0xe9, 0xfd, 0x79, 0x4a, 0xa0, 0xd8, 0x9d, 0xc6,
    0x7e, 0x37, 0x83, 0x2b, 0x76, 0x53, 0x8e, 0x62, 0x4c, 0x64, 0x88, 0x44, 0x8b, 0xfb, 0xa2, 0x17, 0x9a,
    0x59, 0xf5, 0x87, 0xb3, 0x4f, 0x13, 0x61, 0x45, 0x6d, 0x8d, 0x09, 0x81, 0x7d, 0x32, 0xbd, 0x8f, 0x40,
    0xeb, 0x86, 0xb7, 0x7b, 0x0b, 0xf0, 0x95, 0x21, 0x22, 0x5c, 0x6b, 0x4e, 0x82, 0x54, 0xd6, 0x65, 0x93,
    0xce, 0x60, 0xb2, 0x1c, 0x73, 0x56, 0xc0, 0x14, 0xa7, 0x8c, 0xf1, 0xdc, 0x12, 0x75, 0xca, 0x1f, 0x3b,
    0xbe, 0xe4, 0xd1, 0x42, 0x3d, 0xd4, 0x30, 0xa3, 0x3c, 0xb6, 0x26, 0x6f, 0xbf, 0x0e, 0xda, 0x46, 0x69,
    0x07, 0x57, 0x27, 0xf2, 0x1d, 0x9b, 0xbc, 0x94, 0x43, 0x03, 0xf8, 0x11, 0xc7, 0xf6, 0x90, 0xef, 0x3e,
    0xe7, 0x06, 0xc3, 0xd5, 0x2f, 0xc8, 0x66, 0x1e, 0xd7, 0x08, 0xe8, 0xea, 0xde, 0x80, 0x52, 0xee, 0xf7,
    0x84, 0xaa, 0x72, 0xac, 0x35, 0x4d, 0x6a, 0x2a, 0x96, 0x1a, 0xd2, 0x71, 0x5a, 0x15, 0x49, 0x74, 0x4b,
    0x9f, 0xd0, 0x5e, 0x04, 0x18, 0xa4, 0xec, 0xc2, 0xe0, 0x41, 0x6e, 0x0f, 0x51, 0xcb, 0xcc, 0x24, 0x91,
    0xaf, 0x50, 0xa1, 0xf4, 0x70, 0x39, 0x99, 0x7c, 0x3a, 0x85, 0x23, 0xb8, 0xb4, 0x7a, 0xfc, 0x02, 0x36,
    0x5b, 0x25, 0x55, 0x97, 0x31, 0x2d, 0x5d, 0xfa, 0x98, 0xe3, 0x8a, 0x92, 0xae, 0x05, 0xdf, 0x29, 0x10,
    0x67, 0x6c, 0xba, 0xc9, 0xd3, 0x00, 0xe6, 0xcf, 0xe1, 0x9e, 0xa8, 0x2c, 0x63, 0x16, 0x01, 0x3f, 0x58,
    0xe2, 0x89, 0xa9, 0x0d, 0x38, 0x34, 0x1b, 0xab, 0x33, 0xff, 0xb0, 0xbb, 0x48, 0x0c, 0x5f, 0xb9, 0xb1,
    0xcd, 0x2e, 0xc5, 0xf3, 0xdb, 0x47, 0xe5, 0xa5, 0x9c, 0x77, 0x0a, 0xa6, 0x20, 0x68, 0xfe, 0x7f, 0xc1,
    0xad,
];

/// The 64 words of the key schedule, for an effective length of the whole key.
fn schedule(key: &[u8]) -> [u16; 64] {
    let mut bytes = Zeroizing::new([0u8; 128]);
    let length = key.len();
    bytes[..length].copy_from_slice(key);
    for at in length..128 {
        bytes[at] = PI[usize::from(bytes[at - 1].wrapping_add(bytes[at - length]))];
    }
    bytes[128 - length] = PI[usize::from(bytes[128 - length])];
    for at in (0..128 - length).rev() {
        bytes[at] = PI[usize::from(bytes[at + 1] ^ bytes[at + length])];
    }
    core::array::from_fn(|word| u16::from_le_bytes([bytes[2 * word], bytes[2 * word + 1]]))
}

fn decrypt_block(words: &[u16; 64], block: [u8; 8]) -> [u8; 8] {
    let mut r: [u16; 4] = core::array::from_fn(|at| u16::from_le_bytes([block[2 * at], block[2 * at + 1]]));
    let mut next = 64;
    for round in (0..16).rev() {
        for at in (0..4).rev() {
            next -= 1;
            let (a, b, c) = (r[(at + 3) % 4], r[(at + 2) % 4], r[(at + 1) % 4]);
            r[at] = r[at]
                .rotate_right([1, 2, 3, 5][at])
                .wrapping_sub(words[next])
                .wrapping_sub(a & b)
                .wrapping_sub(!a & c);
        }
        // Mashing comes after the fifth and the eleventh mixing round of encryption.
        if round == 11 || round == 5 {
            for at in (0..4).rev() {
                r[at] = r[at].wrapping_sub(words[usize::from(r[(at + 3) % 4] & 63)]);
            }
        }
    }
    let mut out = [0; 8];
    for (pair, word) in out.chunks_exact_mut(2).zip(r) {
        pair.copy_from_slice(&word.to_le_bytes());
    }
    out
}

/// CBC with PKCS #7 padding; `None` if the content is no whole number of blocks or the padding is wrong. Keys of
/// 1 to 128 bytes.
pub(super) fn cbc_decrypt(key: &[u8], iv: &[u8], content: &[u8]) -> Option<Secret> {
    let words = schedule(key.get(..key.len().min(128)).filter(|key| !key.is_empty())?);
    let mut before: [u8; 8] = iv.try_into().ok()?;
    let mut plain = Zeroizing::new(Vec::with_capacity(content.len()));
    if !content.len().is_multiple_of(8) {
        return None;
    }
    for block in content.chunks_exact(8) {
        let block: [u8; 8] = block.try_into().ok()?;
        let opened = decrypt_block(&words, block);
        plain.extend(opened.iter().zip(before).map(|(byte, mask)| byte ^ mask));
        before = block;
    }
    let padding = *plain.last()?;
    let kept = plain.len().checked_sub(padding.into())?;
    let right = (1..=8).contains(&padding) && plain[kept..].iter().all(|byte| *byte == padding);
    right.then(|| Secret::new(&plain[..kept]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2268 section 5, the vectors whose effective length is the key's.
    #[test]
    fn the_vectors_of_rfc_2268_decrypt() {
        for (key, cipher, plain) in [
            ("ffffffffffffffff", "278b27e42e2f0d49", "ffffffffffffffff"),
            ("3000000000000000", "30649edf9be7d2c2", "1000000000000001"),
            ("88bca90e90875a7f0f79c384627bafb2", "2269552ab0f85ca6", "0000000000000000"),
        ] {
            let words = schedule(&hex::decode(key).unwrap());
            let block = hex::decode(cipher).unwrap().try_into().unwrap();
            assert_eq!(hex::encode(decrypt_block(&words, block)), plain);
        }
    }
}
