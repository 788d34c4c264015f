import type { SeededRandom } from '../../../../../src/testing/simulation/seeded-random'

const NAMES = ['__proto__', 'constructor', 'prototype', 'workspace_id', '_id', 'toString', 'hasOwnProperty', 'then', 'toJSON', 'length', '$date', '$bigint', '$bytes', '$number', '$escape', '']
const TEXTS = [
  '', ' ', '\u0000', 'a\u0000b', '\uD800', '\uDFFF\uD800', '\uFEFF', '\u202E', '\u2028', '../../etc/passwd', '%00', '%', '\' OR 1=1 --', '"; DROP TABLE records; --', '${7*7}', '{{7*7}}',
  'a\r\nevent: changes\ndata: x', 'w1', 'w2', 'todos', 'notes', 'put', 'delete', '0', '-1', '1e999', 'NaN', 'null', 'true', 'x'.repeat(257), 'é'.repeat(300), 'x'.repeat(70_000), '9'.repeat(400), '2026-11-25T00:00:00Z',
]
const NUMBERS = [0, -0, 1, -1, 0.1, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 1e21, 1.7e308, 5e-324, 1_000, 2_001]

/** JSON that a number this size is written as: JSON.parse reads it as Infinity. */
export const TOO_LARGE = '@@1e999@@'

/** A value that somebody might have forgotten. */
export function hostileValue(random: SeededRandom, depth = 0): unknown {
  switch (random.between(0, depth > 3 ? 4 : 8)) {
    case 0: return null
    case 1: return random.chance(0.5)
    case 2: return random.pick(NUMBERS)
    case 3: return random.chance(0.1) ? TOO_LARGE : random.pick(TEXTS)
    case 4: return random.uuid()
    case 5: return Array.from({ length: random.between(0, 4) }, () => hostileValue(random, depth + 1))
    case 6: return Object.fromEntries(Array.from({ length: random.between(0, 4) }, () => [hostileName(random), hostileValue(random, depth + 1)]))
    case 7: return { [random.pick(['$date', '$bigint', '$bytes', '$number', '$escape'])]: hostileValue(random, depth + 1) }
    default: return nested(random.pick([10, 255, 257, 2_000]), random.chance(0.5))
  }
}

export function hostileName(random: SeededRandom): string {
  return random.chance(0.7) ? random.pick(NAMES) : random.pick(TEXTS)
}

function nested(levels: number, asArrays: boolean): unknown {
  let value: unknown = 0
  for (let level = 0; level < levels; level++) value = asArrays ? [value] : { a: value }
  return value
}
