import fc from 'fast-check'
import type { QueryKey, QueryPlan, QueryRange } from '#or3-sync/shared/sync/query/query-plan'

/** The indexes that random plans ask for. Null: the primary key `id`. */
export const INDEXES = ['a', 'meta.kind', '[a+b]', '[b+a+c]', '*tags'] as const

const text = fc.oneof(fc.constantFrom('', 'a', 'ab', 'b', 'a\uFFFF', 'a\uFFFFb', '\uE000', '😀', '\uD83D', 'a😀', 'a\u0000b'), fc.string({ maxLength: 3, unit: 'binary' }))
const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, 0.5, -1.5, Infinity, -Infinity, 2 ** 53 - 1, 1e300))
const date = fc.constantFrom(-1, 0, 1, 0.5, 1_000).map(ms => new Date(ms))
const scalar: fc.Arbitrary<QueryKey> = fc.oneof(text, number, date)
/** What IndexedDB does not take as a key. */
const noKey = fc.constantFrom<unknown>(null, true, false, Number.NaN, 5n, {}, { kind: 1 }, [null], new Date(Number.NaN))
const value = fc.oneof(
  { arbitrary: scalar, weight: 6 },
  { arbitrary: noKey, weight: 1 },
  { arbitrary: fc.array(scalar, { maxLength: 2 }), weight: 1 },
  // fake-indexeddb takes empty bytes for detached ones, and refuses them.
  { arbitrary: fc.uint8Array({ minLength: 1, maxLength: 2 }), weight: 1 },
)

export interface RandomRow extends Record<string, unknown> { id: string }

/** Rows with few distinct values, so that plans find some; fields are missing, and of every kind. */
export const randomRows: fc.Arbitrary<RandomRow[]> = fc.uniqueArray(fc.record({
  id: text.filter(id => id !== ''),
  a: value, b: value, c: value,
  meta: fc.oneof(fc.record({ kind: value }, { requiredKeys: [] }), value),
  tags: fc.oneof(fc.array(value, { maxLength: 4 }), value),
}, { requiredKeys: ['id'] }), { maxLength: 14, selector: row => row.id })

const keyOf = (index: string | null): fc.Arbitrary<QueryKey> => {
  const fields = index?.startsWith('[') ? index.split('+').length : 0
  return fields ? fc.array(scalar, { minLength: fields - 1, maxLength: fields }) : fc.oneof({ arbitrary: scalar, weight: 6 }, { arbitrary: fc.array(scalar, { maxLength: 2 }), weight: 1 })
}

function rangeOf(index: string | null): fc.Arbitrary<QueryRange> {
  const key = keyOf(index)
  return fc.oneof<fc.Arbitrary<QueryRange>[]>(
    fc.record({ kind: fc.constant('equals'), value: key }),
    fc.record({ kind: fc.constantFrom('above', 'below'), value: key, isInclusive: fc.boolean() }),
    fc.record({ kind: fc.constant('between'), lower: key, upper: key, includesLower: fc.boolean(), includesUpper: fc.boolean() }),
    fc.record({ kind: fc.constant('startsWith'), prefix: text }),
    fc.record({ kind: fc.constant('anyOf'), values: fc.array(key, { maxLength: 4 }) }),
  )
}

/** Plans for one table. */
export function randomPlans(table: string): fc.Arbitrary<QueryPlan> {
  return fc.constantFrom(null, ...INDEXES).chain(index => fc.record({
    table: fc.constant(table), index: fc.constant(index),
    range: fc.option(rangeOf(index)),
    isReversed: fc.boolean(),
    offset: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4 })),
    limit: fc.option(fc.integer({ min: 0, max: 5 })),
    result: fc.constantFrom('rows', 'count', 'row'),
  }))
}
