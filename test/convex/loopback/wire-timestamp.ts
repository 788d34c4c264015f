/** A commit timestamp as Convex's clients want it: 8 bytes, little-endian, in base64. */
export function encodeTimestamp(ts: bigint): string {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(ts)
  return bytes.toString('base64')
}
