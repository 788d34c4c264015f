import { hlcNode, isHlcNode } from '../../../shared/sync/protocol/hlc'
import { UNHEARD_MAX_NODES } from '../../../shared/sync/protocol/limits'
import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import type { BaseRevision } from '../../../shared/sync/protocol/types'
import type { AsideState, OutboxFailure, OutboxOp, OutboxRecord } from '../records/engine-records'
import { recordKey } from '../records/record-key'
import { remoteBeside } from './remote-beside'

/** One op with the stored record that holds it. */
export interface OutboxEntry extends OutboxOp {
  tableName: string
  record: OutboxRecord
}

/**
 * An editable picture of the outbox, or of a part of it, read and saved within one transaction (`OutboxStore`). Only the records that
 * changed are written: a queue is never rewritten as a whole.
 */
export class OutboxView {
  readonly #byRecord = new Map<string, OutboxEntry[]>()
  readonly #touched = new Map<OutboxRecord, OutboxOp[]>()
  readonly #added: OutboxRecord[] = []

  constructor(readonly records: readonly OutboxRecord[]) {
    for (const record of records) for (const op of record.ops) this.#index(record, op)
  }

  get keys(): Iterable<string> {
    return this.#byRecord.keys()
  }

  /** The entries of one record, oldest first. */
  entries(key: string): readonly OutboxEntry[] {
    return this.#byRecord.get(key) ?? []
  }

  /** The record's newest edit, whatever its status. */
  latest(key: string): OutboxEntry | undefined {
    return this.#byRecord.get(key)?.reduce((a, b) => compareRevisions(a, b) >= 0 ? a : b)
  }

  /** The record's newest edit that may be sent: a refused one waits for the user. */
  sendable(key: string): OutboxEntry | undefined {
    const entries = this.entries(key).filter(entry => entry.record.status !== 'failed')
    return entries.length ? entries.reduce((a, b) => compareRevisions(a, b) >= 0 ? a : b) : undefined
  }

  /**
   * What the record's first edit that the store does not have was made upon: a refused one counts, it was never stored. Undefined: unknown.
   * A revision that is queued again for a restored store was made upon what that store may not have; an edit upon it knows more.
   */
  base(key: string): BaseRevision | null | undefined {
    const first = this.failed(key) ?? this.entries(key)[0]
    return first?.requeued ? this.entries(key).find(entry => !entry.requeued)?.base : first?.base
  }

  /** HLC nodes that stamped the record's edits before its newest. What the store holds of them is known to whoever made that. */
  unheard(key: string): string[] {
    const newest = this.latest(key)
    const nodes = this.entries(key).flatMap(entry => entry === newest ? entry.unheard ?? [] : nodesOf(entry))
    return knownNodes(nodes)
  }

  /** The record's newest edit, upon what its oldest was made upon. */
  waiting(key: string): Pick<OutboxEntry, 'op' | 'opId' | 'clock' | 'hlc' | 'base' | 'unheard'> | undefined {
    const latest = this.latest(key)
    return latest && { op: latest.op, opId: latest.opId, clock: latest.clock, hlc: latest.hlc, base: this.base(key), unheard: this.unheard(key) }
  }

  failed(key: string): OutboxEntry | undefined {
    return this.#byRecord.get(key)?.find(entry => entry.record.status === 'failed')
  }

  /**
   * Whether the edit is still here. Where another tab has heard what became of it, or the user has given it up, what the record has now
   * does not stand on it, and may be stamped below it.
   */
  holds(key: string, opId: string): boolean {
    return this.entries(key).some(entry => entry.opId === opId)
  }

  /** Removes the record's entries up to and including `revision`: an acknowledgement covers what it superseded. */
  removeUpTo(key: string, revision: Revision): number {
    return this.#remove(key, entry => compareRevisions(entry, revision) <= 0)
  }

  /** Removes an edit that was never stored and those before it, if it is still here: later ones now stand on what it stood on. */
  supersede(key: string, revision: Revision): void {
    if (!this.holds(key, revision.opId)) return
    const base = this.base(key)
    const gone = this.entries(key).filter(entry => compareRevisions(entry, revision) <= 0)
    this.removeUpTo(key, revision)
    const [first] = this.entries(key)
    if (!first) return
    if (base !== undefined) this.rebase(key, base)
    this.#change(first, { unheard: knownNodes([...gone.flatMap(nodesOf), ...first.unheard ?? []]) })
  }

  removeAll(key: string): number {
    return this.#remove(key, () => true)
  }

  /**
   * From now on what of the record is unsent counts as made upon `base`. Only its first edit says so: those after it were made upon the one
   * before, which is what they stand on once that one is acknowledged.
   */
  rebase(key: string, base: BaseRevision | null): void {
    const first = this.failed(key) ?? this.entries(key)[0]
    if (first) this.#change(first, { base })
  }

  /** Moves the record's entries into one of the dead letter. */
  fail(key: string, failure: OutboxFailure): void {
    // Refused a second time, by another tab's push: what was kept beside it is told by no feed again.
    const refused = this.failed(key)?.record
    const known = refused && remoteBeside(refused)
    const remote = known && (!failure.remote || compareRevisions(known.stamp, failure.remote.stamp) > 0) ? known : failure.remote
    this.#replace(key, 'failed', { ...failure, remote })
  }

  /** Keeps the record's newest edit back, or releases it. */
  setStatus(key: string, status: 'pending' | 'held'): void {
    this.#replace(key, status)
  }

  /** The same edit under a new revision (after CLOCK_SKEW, or above a delete it could not know). */
  restamp(key: string, opId: string, revision: Revision, base: BaseRevision | null | undefined): void {
    const entry = this.#byRecord.get(key)?.find(candidate => candidate.opId === opId)
    if (!entry) return
    // Under its old stamp it may have arrived.
    this.#change(entry, { ...revision, ...(base === undefined ? {} : { base }), unheard: knownNodes(nodesOf(entry)) })
  }

  /** An edit becomes the delete of its record, under a revision above its own, under which it may have arrived. */
  turnIntoDelete(key: string, opId: string, revision: Revision): void {
    this.restamp(key, opId, revision, undefined)
    const entry = this.#byRecord.get(key)?.find(candidate => candidate.opId === revision.opId)
    if (entry) this.#change(entry, { op: 'delete' })
  }

  /** The record's edits that may be sent wait aside from now on. */
  setAside(key: string, aside: AsideState): void {
    for (const entry of this.entries(key)) if (entry.record.status === 'pending') this.#change(entry, { aside })
  }

  add(record: OutboxRecord): void {
    this.#added.push(record)
    for (const op of record.ops) this.#index(record, op)
  }

  /** The record's own fields were changed: it is saved, too. */
  touch(record: OutboxRecord): void {
    this.#opsOf(record)
  }

  /** What is different from the records read: their keys that are empty now, and records to write. */
  changes(): { gone: number[], changed: OutboxRecord[] } {
    const gone: number[] = []
    const changed: OutboxRecord[] = [...this.#added].filter(record => !this.#touched.has(record))
    for (const [record, ops] of this.#touched) {
      if (ops.length) changed.push({ ...record, ops })
      else if (record.id !== undefined) gone.push(record.id)
    }
    return { gone, changed }
  }

  #index(record: OutboxRecord, op: OutboxOp): void {
    const key = recordKey(record.tableName, op.pk)
    const entries = this.#byRecord.get(key)
    const entry = { ...op, tableName: record.tableName, record }
    if (entries) entries.push(entry)
    else this.#byRecord.set(key, [entry])
  }

  #replace(key: string, status: OutboxRecord['status'], failure?: OutboxFailure): void {
    const newest = this.latest(key)
    if (!newest) return
    const base = this.base(key)
    const unheard = this.unheard(key)
    const { record, tableName, ...op } = newest
    this.#remove(key, () => true)
    const replacement = { ...op, base, ...(unheard.length ? { unheard } : {}) }
    const added: OutboxRecord = { tableName, status, createdAt: record.createdAt, ops: [replacement], ...(failure ? { failure } : {}) }
    this.#added.push(added)
    this.#byRecord.set(key, [{ ...replacement, tableName, record: added }])
  }

  #change(entry: OutboxEntry, change: Partial<OutboxOp>): void {
    Object.assign(this.#opsOf(entry.record).find(op => op.opId === entry.opId)!, change)
    Object.assign(entry, change)
  }

  #remove(key: string, matches: (entry: OutboxEntry) => boolean): number {
    const entries = this.#byRecord.get(key)
    if (!entries) return 0
    const kept = entries.filter(entry => !matches(entry))
    for (const entry of entries) {
      if (kept.includes(entry)) continue
      const ops = this.#opsOf(entry.record)
      const index = ops.findIndex(op => op.opId === entry.opId)
      if (index >= 0) ops.splice(index, 1)
    }
    if (kept.length) this.#byRecord.set(key, kept)
    else this.#byRecord.delete(key)
    return entries.length - kept.length
  }

  #opsOf(record: OutboxRecord): OutboxOp[] {
    let ops = this.#touched.get(record)
    if (!ops) this.#touched.set(record, ops = record.ops.map(op => ({ ...op })))
    return ops
  }
}

function nodesOf({ unheard = [], hlc }: OutboxEntry): string[] {
  return [...unheard, hlcNode(hlc)]
}

/** Without repeats, the newest as many as an op may name. */
function knownNodes(nodes: readonly string[]): string[] {
  return [...new Set(nodes)].filter(isHlcNode).slice(-UNHEARD_MAX_NODES)
}
