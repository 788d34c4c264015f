/** Bytes that one uncompressed block holds at most. */
const BLOCK_MAX = 65_535

/**
 * An empty block, by which compressors flush. Go's reader gives out bytes only when it comes to one, and Go proxies (Caddy, Traefik) unpack streams
 * for clients that do not accept gzip.
 */
const FLUSH = Buffer.from([0, 0, 0, 0xFF, 0xFF])

/** Bytes as deflate blocks without compression (RFC 1951, 3.2.4), flushed. None is marked as the last block of its stream. */
export function storedBlocks(bytes: Buffer): Buffer {
  const blocks: Buffer[] = []
  for (let start = 0; start < bytes.byteLength; start += BLOCK_MAX) {
    const part = bytes.subarray(start, start + BLOCK_MAX)
    const header = Buffer.alloc(5)
    header.writeUInt16LE(part.byteLength, 1)
    header.writeUInt16LE(~part.byteLength & 0xFFFF, 3)
    blocks.push(header, part)
  }
  return Buffer.concat([...blocks, FLUSH])
}
