import type { SeededRandom } from '../../../../../src/testing/simulation/seeded-random'
import { hostileName, hostileValue, TOO_LARGE } from './hostile-value'

/** A copy of a JSON value in which some places have become something else. */
export function mutateValue(random: SeededRandom, value: unknown, share = 0.12): unknown {
  if (random.chance(share)) return hostileValue(random)
  if (Array.isArray(value)) {
    const copy = value.map((item: unknown) => mutateValue(random, item, share))
    if (copy.length > 0 && random.chance(share)) copy.push(copy[0])
    return copy
  }
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value)
    .filter(() => !random.chance(share / 3))
    .map(([key, item]): [string, unknown] => [key, mutateValue(random, item, share)])
  if (random.chance(share)) entries.push([hostileName(random), hostileValue(random)])
  // `__proto__` as an own key, which an object literal would not make.
  return Object.defineProperties({}, Object.fromEntries(entries.map(([key, item]) => [`${key}`, { value: item, enumerable: true, configurable: true, writable: true }])))
}

/** JSON text, with numbers in it that no double holds. */
export function toJsonText(value: unknown): string {
  return (JSON.stringify(value) ?? '').replaceAll(`"${TOO_LARGE}"`, '1e999')
}

/** Bytes of which some were flipped, cut out, doubled or put in. */
export function mutateBytes(random: SeededRandom, bytes: Buffer): Buffer {
  let copy = Buffer.from(bytes)
  for (let count = random.between(1, 3); count > 0 && copy.length > 0; count--) {
    const at = random.between(0, copy.length - 1)
    const length = random.between(1, Math.min(16, copy.length - at))
    switch (random.between(0, 4)) {
      case 0: copy[at] = random.between(0, 255); break
      case 1: copy = Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]); break
      case 2: copy = Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)]); break
      case 3: copy = Buffer.concat([copy.subarray(0, at), randomBytes(random, length), copy.subarray(at)]); break
      default: copy = copy.subarray(0, at)
    }
  }
  return copy
}

export function randomBytes(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.between(0, 255)))
}
