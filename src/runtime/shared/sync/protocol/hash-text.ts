/** One odd multiplier for each lane, so that each lane mixes differently (MurmurHash3, x86 128-bit). */
const MULTIPLIERS = [0x239B961B, 0xAB0E9789, 0x38B34AE5, 0xA1E38B93] as const

/**
 * A 128-bit hash of a text, as 32 hexadecimal digits: the same on every device. It is synchronous, because waiting for Web Crypto would
 * end an IndexedDB transaction. It tells contents apart; it is not safe against attackers.
 */
export function hashText(text: string): string {
  const lanes = MULTIPLIERS.map((multiplier, lane) => Math.imul(text.length + lane + 1, multiplier))
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    for (let lane = 0; lane < 4; lane++) {
      const mixed = Math.imul(lanes[lane]! ^ unit, MULTIPLIERS[lane]!)
      lanes[lane] = (mixed << (13 + lane) | mixed >>> (19 - lane)) + lanes[(lane + 1) & 3]! | 0
    }
  }
  for (let round = 0; round < 4; round++) {
    for (let lane = 0; lane < 4; lane++) lanes[lane] = finish(lanes[lane]! + lanes[(lane + 1) & 3]! | 0)
  }
  return lanes.map(lane => (lane >>> 0).toString(16).padStart(8, '0')).join('')
}

/** MurmurHash3's finaliser: every bit of the input may change every bit of the result. */
function finish(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ mixed >>> 16, 0x85EBCA6B)
  mixed = Math.imul(mixed ^ mixed >>> 13, 0xC2B2AE35)
  return mixed ^ mixed >>> 16
}
