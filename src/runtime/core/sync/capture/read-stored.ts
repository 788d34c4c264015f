import type { DBCoreTable, PromiseExtended } from 'dexie'
import Dexie from 'dexie'
import type { TombstoneRecord } from '../records/engine-records'
import type { CaptureContext } from './capture-context'
import { readTombstones } from './read-tombstones'

/** So few rows are read at once: to look first whether there are any would cost as much. */
const FEW = 20

type Row = Record<string, unknown> & { clock?: number, hlc?: string, op_id?: string }

/** What the new revisions of some records must stand above. */
export interface StoredRecords {
  /** In the order of the keys. */
  existing: (Row | undefined)[]
  /** By primary key. */
  tombstones: Map<string, TombstoneRecord>
}

/**
 * Reads no more than it has to: each request costs, and none may cost more because the tables are large. So nothing is counted: a count
 * walks over everything in its range.
 */
export function readStored(context: CaptureContext, type: 'add' | 'put', keys: readonly string[]): PromiseExtended<StoredRecords> {
  const { table, down, tombstones, trans } = context
  const [lower, upper] = outermost(keys)
  const existing = () => down.getMany({ trans, keys: [...keys], cache: 'immutable' }) as PromiseExtended<(Row | undefined)[]>
  // An `add` of a key that exists fails by itself, so only a tombstone can stand below it.
  const rows = type === 'add'
    ? Dexie.Promise.resolve([])
    : keys.length <= FEW ? existing() : hasAny(context, down, lower, upper).then(any => any ? existing() : [])
  const dead = lower === upper
    ? readTombstones(context, keys)
    : hasAny(context, tombstones, [table.name, lower], [table.name, upper]).then(any => any ? readTombstones(context, keys) : new Map<string, TombstoneRecord>())
  return Dexie.Promise.all([rows, dead]).then(([existing, tombstones]) => ({ existing, tombstones })) as PromiseExtended<StoredRecords>
}

/** A first import writes keys nobody has: to look for one in their range spares reading them all. */
function hasAny({ trans }: CaptureContext, store: DBCoreTable, lower: unknown, upper: unknown): PromiseExtended<boolean> {
  const query = { index: store.schema.primaryKey, range: { type: 2, lower, upper } }
  return store.query({ trans, values: false, limit: 1, query }).then(({ result }) => result.length > 0) as PromiseExtended<boolean>
}

function outermost(keys: readonly string[]): [lower: string, upper: string] {
  let lower = keys[0]!
  let upper = lower
  for (const key of keys) {
    if (key < lower) lower = key
    else if (key > upper) upper = key
  }
  return [lower, upper]
}
