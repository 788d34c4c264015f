/** Bytes that one uncompressed block holds at most. */
const BLOCK_MAX = 65_535

/** Bytes as deflate blocks without compression (RFC 1951, 3.2.4). None is marked as the last block of its stream. */
export function storedBlocks(bytes: Buffer): Buffer {
  const blocks: Buffer[] = []
  for (let start = 0; start < bytes.byteLength; start += BLOCK_MAX) {
    const part = bytes.subarray(start, start + BLOCK_MAX)
    const header = Buffer.alloc(5)
    header.writeUInt16LE(part.byteLength, 1)
    header.writeUInt16LE(~part.byteLength & 0xFFFF, 3)
    blocks.push(header, part)
  }
  return Buffer.concat(blocks)
}
