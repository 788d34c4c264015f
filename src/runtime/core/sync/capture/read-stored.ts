import type { DBCoreTable, PromiseExtended } from 'dexie'
import Dexie from 'dexie'
import type { TombstoneRecord } from '../records/engine-records'
import type { CaptureContext } from './capture-context'
import { readTombstones } from './read-tombstones'

/** Up to so many rows are read at once. To ask first whether any of them exists would cost as much. */
const FEW = 20

type Row = Record<string, unknown> & { clock?: number, hlc?: string, op_id?: string }

/** What is stored of some records. Their new revisions must be higher. */
export interface StoredRecords {
  /** The rows, in the order of the keys. Empty: none of them exists. */
  existing: (Row | undefined)[]
  /** By primary key. */
  tombstones: Map<string, TombstoneRecord>
}

/**
 * Reads the stored rows and tombstones of the keys that a write names, with as few requests as possible. It never counts: a count walks over
 * everything in its range, so a write would cost more the larger the table is.
 */
export function readStored(context: CaptureContext, type: 'add' | 'put', keys: readonly string[]): PromiseExtended<StoredRecords> {
  const { table, down, tombstones, trans } = context
  const [lower, upper] = outermost(keys)
  const existing = () => down.getMany({ trans, keys: [...keys], cache: 'immutable' }) as PromiseExtended<(Row | undefined)[]>
  // An `add` fails if the row exists, so only the tombstone matters.
  const rows = type === 'add'
    ? Dexie.Promise.resolve([])
    : keys.length <= FEW ? existing() : hasAny(context, down, lower, upper).then(any => any ? existing() : [])
  const deleted = lower === upper
    ? readTombstones(context, keys)
    : hasAny(context, tombstones, [table.name, lower], [table.name, upper]).then(any => any ? readTombstones(context, keys) : new Map<string, TombstoneRecord>())
  return Dexie.Promise.all([rows, deleted]).then(([existing, tombstones]) => ({ existing, tombstones })) as PromiseExtended<StoredRecords>
}

/** Whether any record has a key in this range. A first import writes only new keys, and this one request then replaces a read of all of them. */
function hasAny({ trans }: CaptureContext, store: DBCoreTable, lower: unknown, upper: unknown): PromiseExtended<boolean> {
  const query = { index: store.schema.primaryKey, range: { type: 2, lower, upper } }
  return store.query({ trans, values: false, limit: 1, query }).then(({ result }) => result.length > 0) as PromiseExtended<boolean>
}

/** The lowest and the highest key. */
function outermost(keys: readonly string[]): [lower: string, upper: string] {
  let lower = keys[0]!
  let upper = lower
  for (const key of keys) {
    if (key < lower) lower = key
    else if (key > upper) upper = key
  }
  return [lower, upper]
}
