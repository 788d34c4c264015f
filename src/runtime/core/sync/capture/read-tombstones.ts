import type { PromiseExtended } from 'dexie'
import type { TombstoneRecord } from '../database/engine-records'
import type { CaptureContext } from './capture-context'

/** How many tombstones the table has. Mostly none, and then no key needs looking up. */
export function countTombstones({ tombstones, table, trans }: CaptureContext): PromiseExtended<number> {
  const range = { type: 2 as const, lower: [table.name], upper: [table.name, []] }
  return tombstones.count({ trans, query: { index: tombstones.schema.primaryKey, range } }) as PromiseExtended<number>
}

export function readTombstones({ tombstones, table, trans }: CaptureContext, pks: readonly string[]): PromiseExtended<Map<string, TombstoneRecord>> {
  return tombstones.getMany({ trans, keys: pks.map(pk => [table.name, pk]) }).then((found) => {
    const byPk = new Map<string, TombstoneRecord>()
    for (const tombstone of found as (TombstoneRecord | undefined)[]) {
      if (tombstone) byPk.set(tombstone.pk, tombstone)
    }
    return byPk
  }) as PromiseExtended<Map<string, TombstoneRecord>>
}
