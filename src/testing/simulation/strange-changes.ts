import type { SyncChange } from 'or3-sync/client'
import type { SeededRandom } from './seeded-random'

/** The share of pages with a malformed change. */
const SHARE = 0.1

/** The record of which the malformed changes are. No device edits it. */
export const STRANGE_PK = 'strange'

const STAMP: SyncChange['stamp'] = { deviceId: 'strange', opId: '00000000-0000-4000-8000-000000000000', clock: 1, hlc: '000000001:0000:strangers' }
const MALFORMED = { ...STAMP, clock: -1 }
const ROW = { id: STRANGE_PK, edit: STRANGE_PK, parent: null }
/** Deeper than any code that calls itself for each level could follow. */
const TOO_DEEP: unknown = Array.from({ length: 10_000 }).reduce<unknown>(inner => [inner], null)

/** What a faulty provider may hand over in place of a proper change. Each names its record, so the device keeps it in quarantine. */
const STRANGE: readonly Pick<SyncChange, 'op' | 'payload' | 'stamp'>[] = [
  { op: 'put', payload: ROW, stamp: MALFORMED },
  { op: 'delete', stamp: MALFORMED },
  { op: 'put', stamp: STAMP },
  { op: 'put', payload: { ...ROW, deep: TOO_DEEP } as SyncChange['payload'], stamp: STAMP },
  { op: 'put', payload: { ...ROW, call: () => {} } as unknown as SyncChange['payload'], stamp: STAMP },
]

/** The changes of a page, sometimes with a malformed one more. A page without changes stays as it is. */
export function withStrangeChange(changes: SyncChange[], random: SeededRandom): SyncChange[] {
  const last = changes.at(-1)
  if (!last || !random.chance(SHARE)) return changes
  return [...changes, { tableName: 'items', pk: STRANGE_PK, serverVersion: last.serverVersion, ...random.pick(STRANGE) }]
}
