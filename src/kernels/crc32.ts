// CRC-32 as zlib and PNG have it (reflected polynomial edb88320), eight bytes a step: table k holds the remainders of a
// byte followed by k zero bytes, so the eight look-ups of a step do not wait for each other.
//
//   tables  8 x 256 remainders end to end; entry 256 * k + b

const tables: Int32Array = makeTables();

/**
 * @param seed the CRC of what comes before, 0 for nothing: crc32(b, crc32(a)) is the CRC of a followed by b
 * @returns 0 to 2^32 - 1
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  const t = tables;
  let crc = ~seed;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low =
      crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    crc =
      t[1792 + (low & 255)]! ^
      t[1536 + ((low >>> 8) & 255)]! ^
      t[1280 + ((low >>> 16) & 255)]! ^
      t[1024 + (low >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) crc = t[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTables(): Int32Array {
  const out = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    out[byte] = crc;
  }
  for (let i = 256; i < out.length; i++) {
    const before = out[i - 256]!;
    out[i] = (before >>> 8) ^ out[before & 255]!;
  }
  return out;
}
