import { compareRevisions, type Revision } from '../../src/runtime/shared/sync/protocol/revision'
import type { RecordedHistory, RecordedTransaction, RecordedWrite, StoreCommit } from '../../src/testing/index'

/** What a device does: writes some records (by number) in one transaction, sends its oldest group, or takes everything from the store. */
export interface SerialStep { device: number, what: 'write' | 'delete' | 'send' | 'pull', records: readonly number[] }

interface Device { name: string, rows: Map<string, Revision>, unsent: RecordedWrite[][], transactions: RecordedTransaction[] }

/** The history of devices and a store that keep every promise: a group is one commit, and a device takes all that the store has at once. */
export function serialHistory(steps: readonly SerialStep[]): RecordedHistory & { commits: StoreCommit[] } {
  const devices = new Map<number, Device>()
  const stored = new Map<string, Revision>()
  const commits: StoreCommit[] = []
  for (const [at, { device: number, what, records }] of steps.entries()) {
    let device = devices.get(number)
    if (!device) devices.set(number, device = { name: `d${number}`, rows: new Map(), unsent: [], transactions: [] })
    if (what === 'pull') pull(device, stored, at)
    else if (what === 'send') send(device, stored, commits, at)
    else write(device, records, what === 'delete', at)
  }
  return { sessions: [...devices.values()], commits }
}

function pull({ rows, transactions }: Device, stored: ReadonlyMap<string, Revision>, at: number): void {
  const higher = [...stored].filter(([record, revision]) => isAbove(revision, rows.get(record)))
  for (const [record, revision] of higher) rows.set(record, revision)
  transactions.push({ at, isConsistent: true, readsAll: true, reads: new Map(higher), writes: [] })
}

function write({ name, rows, unsent, transactions }: Device, records: readonly number[], isDelete: boolean, at: number): void {
  const writes = [...new Set(records)].map((number): RecordedWrite => {
    const record = `r${number}`
    return { record, isDelete, revision: { clock: (rows.get(record)?.clock ?? 0) + 1, hlc: String(at).padStart(6, '0'), opId: `${name}-${at}-${record}` } }
  })
  for (const { record, revision } of writes) rows.set(record, revision)
  unsent.push(writes)
  transactions.push({ at, isConsistent: true, readsAll: true, reads: new Map(), writes })
}

function send({ unsent }: Device, stored: Map<string, Revision>, commits: StoreCommit[], at: number): void {
  const applied = (unsent.shift() ?? []).flatMap(({ record, revision }) => {
    const replaced = stored.get(record) ?? null
    if (!isAbove(revision, replaced ?? undefined)) return []
    stored.set(record, revision)
    return [{ record, revision, replaced }]
  })
  if (applied.length) commits.push({ at, applied })
}

function isAbove(revision: Revision, other: Revision | undefined): boolean {
  return !other || compareRevisions(revision, other) > 0
}
