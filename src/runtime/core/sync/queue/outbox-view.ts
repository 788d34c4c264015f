import { hlcNode, isHlcNode } from '../../../shared/sync/protocol/hlc'
import { UNHEARD_MAX_NODES } from '../../../shared/sync/protocol/limits'
import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import type { BaseRevision, StoredRevision } from '../../../shared/sync/protocol/types'
import type { AsideState, OutboxFailure, OutboxOp, OutboxRecord } from '../records/engine-records'
import { newestBeside, remoteBeside } from '../decide/beside-refused'
import type { AnsweredEntry } from '../decide/decide-answer'
import type { WaitingEdit } from '../decide/edits-meet'
import { recordKey } from '../../../shared/sync/protocol/record-key'

/** One op with the outbox record that it is stored in. */
export interface OutboxEntry extends OutboxOp {
  tableName: string
  record: OutboxRecord
}

/**
 * Some outbox records in memory, to be changed and then saved in the transaction that they were read in (`OutboxStore`). Only the records that were
 * changed are written. Its methods take the `recordKey` of a record of the app.
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

  /** The edits of one record, oldest first. */
  entries(key: string): readonly OutboxEntry[] {
    return this.#byRecord.get(key) ?? []
  }

  /** The record's newest edit, whatever its status. */
  latest(key: string): OutboxEntry | undefined {
    return this.#byRecord.get(key)?.reduce((a, b) => compareRevisions(a, b) >= 0 ? a : b)
  }

  /** The record's newest edit that is not in the dead letter. */
  sendable(key: string): OutboxEntry | undefined {
    const entries = this.entries(key).filter(entry => entry.record.status !== 'failed')
    return entries.length ? entries.reduce((a, b) => compareRevisions(a, b) >= 0 ? a : b) : undefined
  }

  /**
   * The revision that the record's edits were made upon: the base of the oldest one that the store does not have. An edit in the dead letter
   * counts, because it was never stored. Undefined: unknown.
   *
   * A `requeued` revision has no base, so the base of the first real edit after it counts.
   */
  base(key: string): BaseRevision | null | undefined {
    const first = this.failed(key) ?? this.entries(key)[0]
    return first?.requeued ? this.entries(key).find(entry => !entry.requeued)?.base : first?.base
  }

  /** HLC nodes of all edits of the record before its newest. They may be in the store, and the newest edit was made upon them. See `PendingOp.unheard`. */
  unheard(key: string): string[] {
    const newest = this.latest(key)
    const nodes = this.entries(key).flatMap(entry => entry === newest ? entry.unheard ?? [] : nodesOf(entry))
    return knownNodes(nodes)
  }

  /** The record's newest edit, with the base of its oldest: as it would be sent now. */
  waiting(key: string): WaitingEdit | undefined {
    const latest = this.latest(key)
    if (!latest) return undefined
    const { op, opId, clock, hlc, record: { status } } = latest
    return { op, opId, clock, hlc, status, base: this.base(key), unheard: this.unheard(key) }
  }

  /** What is here of an edit that was answered, and of its record. */
  answered(key: string, opId: string): AnsweredEntry {
    const latest = this.latest(key)
    return { isThere: this.holds(key, opId), isNewest: latest?.opId === opId, hasSuccessor: latest?.record.status === 'pending' && latest.opId !== opId }
  }

  /** The record's edit in the dead letter. */
  failed(key: string): OutboxEntry | undefined {
    return this.#byRecord.get(key)?.find(entry => entry.record.status === 'failed')
  }

  /**
   * Whether the edit is still in the outbox. It is not if another tab has stored the answer to it, or the user has discarded it. Then the
   * record's edits may be new ones with a lower revision, so `removeUpTo` with this edit's revision would lose them.
   */
  holds(key: string, opId: string): boolean {
    return this.entries(key).some(entry => entry.opId === opId)
  }

  /** Removes the record's edits up to and including `revision`. An acknowledgement covers all edits before the acknowledged one. @returns how many */
  removeUpTo(key: string, revision: Revision): number {
    return this.#remove(key, entry => compareRevisions(entry, revision) <= 0)
  }

  /** Removes an edit that the store never applied, and those before it. The next edit gets its base, and its HLC node as `unheard`. */
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

  /** Removes all edits of the record. @returns how many */
  removeAll(key: string): number {
    return this.#remove(key, () => true)
  }

  /**
   * Gives the record's edits another base. Only the first one is changed: each later edit was made upon the edit before it.
   */
  rebase(key: string, base: BaseRevision | null): void {
    const first = this.failed(key) ?? this.entries(key)[0]
    if (first) this.#change(first, { base })
  }

  /** Replaces the record's edits by one in the dead letter. */
  fail(key: string, failure: OutboxFailure): void {
    // The edit may be in the dead letter already, because of another tab's push. The feed does not repeat the remote revision that was kept there.
    const refused = this.failed(key)?.record
    const known = refused?.failure && remoteBeside(refused.failure)
    this.#replace(key, 'failed', { ...failure, remote: newestBeside(failure.remote, known) })
  }

  /** Replaces the record's edits by its newest one, held or to be sent. */
  setStatus(key: string, status: 'pending' | 'held'): void {
    this.#replace(key, status)
  }

  /** Gives an edit another revision: after `CLOCK_SKEW`, or to be above a delete that it could not know. Undefined `base`: it keeps the one it has. */
  restamp(key: string, opId: string, revision: Revision, base: BaseRevision | null | undefined): void {
    const entry = this.#byRecord.get(key)?.find(candidate => candidate.opId === opId)
    if (!entry) return
    // The store may have the edit under its old revision.
    this.#change(entry, { ...revision, ...(base === undefined ? {} : { base }), unheard: knownNodes(nodesOf(entry)) })
  }

  /** Turns an edit into the delete of its record. The delete needs a revision above the edit's, because the store may have the edit. */
  turnIntoDelete(key: string, opId: string, revision: Revision): void {
    this.restamp(key, opId, revision, undefined)
    const entry = this.#byRecord.get(key)?.find(candidate => candidate.opId === revision.opId)
    if (entry) this.#change(entry, { op: 'delete' })
  }

  /** Lets the record's pending edits wait aside. */
  setAside(key: string, aside: AsideState): void {
    for (const entry of this.entries(key)) if (entry.record.status === 'pending') this.#change(entry, { aside })
  }

  /** Adds a new outbox record. */
  add(record: OutboxRecord): void {
    this.#added.push(record)
    for (const op of record.ops) this.#index(record, op)
  }

  /** Notes beside the record's refused edit what the store has. */
  noteBeside(key: string, remote: StoredRevision): void {
    const record = this.failed(key)?.record
    if (!record?.failure) return
    record.failure.remote = remote
    delete record.failure.isRemoteGone
    // Marks the outbox record as changed.
    this.#opsOf(record)
  }

  /** What has to be saved: the ids of outbox records that are empty now, and outbox records to write. */
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

/** The nodes without repeats; of too many, the newest. */
function knownNodes(nodes: readonly string[]): string[] {
  return [...new Set(nodes)].filter(isHlcNode).slice(-UNHEARD_MAX_NODES)
}
