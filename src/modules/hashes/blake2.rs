//! BLAKE2b and BLAKE2s (RFC 7693) with all parameters: the crates at hand leave out the tree mode.

/// What goes into the parameter block.
#[derive(Clone, Debug)]
pub(super) struct Params {
    pub digest_size: u8,
    pub key: Vec<u8>,
    pub salt: Vec<u8>,
    pub person: Vec<u8>,
    pub fanout: u8,
    pub depth: u8,
    pub leaf_size: u32,
    pub node_offset: u64,
    pub node_depth: u8,
    pub inner_size: u8,
    pub last_node: bool,
}

const SIGMA: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/// Which words of the state a step mixes: columns, then diagonals.
const LANES: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];

macro_rules! blake2 {
    ($(#[$doc:meta])* $name:ident, $word:ty, $rounds:literal, $rotations:expr, $initial:expr, $params:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub(super) struct $name {
            state: [$word; 8],
            /// Bytes hashed before the block in `buffer`.
            counted: u128,
            buffer: Vec<u8>,
            pub digest_size: usize,
            last_node: bool,
        }

        impl $name {
            const WORD: usize = size_of::<$word>();
            pub const BLOCK: usize = 16 * Self::WORD;
            pub const MAX_DIGEST: usize = 8 * Self::WORD;
            pub const SALT: usize = 2 * Self::WORD;
            const INITIAL: [$word; 8] = $initial;

            pub fn new(params: &Params) -> $name {
                let mut block = $params(params);
                let salt_at = block.len();
                block.resize(8 * Self::WORD, 0);
                block[salt_at..salt_at + params.salt.len()].copy_from_slice(&params.salt);
                let person_at = salt_at + Self::SALT;
                block[person_at..person_at + params.person.len()].copy_from_slice(&params.person);
                let mut state = Self::INITIAL;
                for (word, bytes) in state.iter_mut().zip(block.chunks_exact(Self::WORD)) {
                    *word ^= bytes.iter().rev().fold(0, |w, &b| w << 8 | b as $word);
                }
                let mut hash = $name {
                    state,
                    counted: 0,
                    buffer: vec![],
                    digest_size: params.digest_size as usize,
                    last_node: params.last_node,
                };
                if !params.key.is_empty() {
                    hash.buffer.extend(&params.key);
                    hash.buffer.resize(Self::BLOCK, 0);
                }
                hash
            }

            pub fn update(&mut self, mut data: &[u8]) {
                // The last block is kept back: it is hashed in another way.
                while self.buffer.len() + data.len() > Self::BLOCK {
                    let (head, tail) = data.split_at(Self::BLOCK - self.buffer.len());
                    self.buffer.extend(head);
                    data = tail;
                    self.counted += Self::BLOCK as u128;
                    self.compress(false);
                    self.buffer.clear();
                }
                self.buffer.extend(data);
            }

            pub fn finish(&self) -> Vec<u8> {
                let mut last = self.clone();
                last.counted += last.buffer.len() as u128;
                last.buffer.resize(Self::BLOCK, 0);
                last.compress(true);
                let mut digest: Vec<u8> = last.state.iter().flat_map(|w| w.to_le_bytes()).collect();
                digest.truncate(self.digest_size);
                digest
            }

            fn compress(&mut self, is_last: bool) {
                let mut m = [0; 16];
                for (word, bytes) in m.iter_mut().zip(self.buffer.chunks_exact(Self::WORD)) {
                    *word = bytes.iter().rev().fold(0, |w, &b| w << 8 | b as $word);
                }
                let mut v = [0; 16];
                v[..8].copy_from_slice(&self.state);
                v[8..].copy_from_slice(&Self::INITIAL);
                v[12] ^= self.counted as $word;
                v[13] ^= (self.counted >> (8 * Self::WORD)) as $word;
                if is_last {
                    v[14] = !v[14];
                    if self.last_node {
                        v[15] = !v[15];
                    }
                }
                let [r1, r2, r3, r4]: [u32; 4] = $rotations;
                for round in 0..$rounds {
                    let order = &SIGMA[round % 10];
                    for (i, &[a, b, c, d]) in LANES.iter().enumerate() {
                        let (x, y) = (m[order[2 * i]], m[order[2 * i + 1]]);
                        v[a] = v[a].wrapping_add(v[b]).wrapping_add(x);
                        v[d] = (v[d] ^ v[a]).rotate_right(r1);
                        v[c] = v[c].wrapping_add(v[d]);
                        v[b] = (v[b] ^ v[c]).rotate_right(r2);
                        v[a] = v[a].wrapping_add(v[b]).wrapping_add(y);
                        v[d] = (v[d] ^ v[a]).rotate_right(r3);
                        v[c] = v[c].wrapping_add(v[d]);
                        v[b] = (v[b] ^ v[c]).rotate_right(r4);
                    }
                }
                for i in 0..8 {
                    self.state[i] ^= v[i] ^ v[i + 8];
                }
            }
        }
    };
}

/// The parameter block of BLAKE2b up to the salt.
fn params_b(p: &Params) -> Vec<u8> {
    let mut block = vec![p.digest_size, p.key.len() as u8, p.fanout, p.depth];
    block.extend(p.leaf_size.to_le_bytes());
    block.extend(p.node_offset.to_le_bytes());
    block.extend([p.node_depth, p.inner_size]);
    block.resize(32, 0);
    block
}

/// The parameter block of BLAKE2s up to the salt.
fn params_s(p: &Params) -> Vec<u8> {
    let mut block = vec![p.digest_size, p.key.len() as u8, p.fanout, p.depth];
    block.extend(p.leaf_size.to_le_bytes());
    block.extend(&p.node_offset.to_le_bytes()[..6]);
    block.extend([p.node_depth, p.inner_size]);
    block
}

blake2!(
    /// For 64-bit machines: digests of up to 64 bytes.
    Blake2b,
    u64,
    12,
    [32, 24, 16, 63],
    [
        0x6a09e667f3bcc908,
        0xbb67ae8584caa73b,
        0x3c6ef372fe94f82b,
        0xa54ff53a5f1d36f1,
        0x510e527fade682d1,
        0x9b05688c2b3e6c1f,
        0x1f83d9abfb41bd6b,
        0x5be0cd19137e2179,
    ],
    params_b
);
blake2!(
    /// For smaller machines: digests of up to 32 bytes.
    Blake2s,
    u32,
    10,
    [16, 12, 8, 7],
    [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ],
    params_s
);

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(digest_size: u8) -> Params {
        Params {
            digest_size,
            key: vec![],
            salt: vec![],
            person: vec![],
            fanout: 1,
            depth: 1,
            leaf_size: 0,
            node_offset: 0,
            node_depth: 0,
            inner_size: 0,
            last_node: false,
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// The examples of RFC 7693, appendices A and B.
    #[test]
    fn published_digests() {
        let mut b = Blake2b::new(&plain(64));
        b.update(b"abc");
        assert!(
            hex(&b.finish())
                .starts_with("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1")
        );
        let mut s = Blake2s::new(&plain(32));
        s.update(b"a");
        s.update(b"bc");
        assert_eq!(
            hex(&s.finish()),
            "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"
        );
    }
}
