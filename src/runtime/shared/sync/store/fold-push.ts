import { hlcNode, MAX_CLOCK_SKEW_MS, parseHlc } from '../protocol/hlc'
import { isAboveBase, knewRevision } from '../protocol/knew-revision'
import { OVERWROTE_REPLY_TEXT, PULL_PAGE_BYTES } from '../protocol/limits'
import type { AcceptedOp, PushItem, RejectedOp } from './push-item'
import { mergePushMemories, opFingerprint, perhapsUnheard } from './push-memory'
import type { PushMemory, RememberedResult } from './push-memory'
import { recordKey } from './record-row'
import type { RecordRow } from './record-row'
import { compareRevisions } from '../protocol/revision'
import { sameJson } from '../rows/same-json'
import type { JsonValue, SyncErrorCode } from '../protocol/types'
import { isUpgradedRevision } from '../protocol/upgraded-stamp'

/** A `PushOpResult` whose revisions are still rows of the store. */
export interface FoldedResult {
  opId: string | null
  success: boolean
  applied?: boolean
  replayed?: boolean
  serverVersion?: number
  errorCode?: SyncErrorCode
  error?: string
  winner?: RecordRow
  overwrote?: RecordRow
  overwroteEarlier?: RecordRow[]
  current?: RecordRow
}

export interface FoldInput {
  /** The workspace's version before the batch. */
  version: number
  /** Every stored row the batch touches, by `recordKey`. */
  rows: ReadonlyMap<string, RecordRow>
  items: readonly PushItem[]
  /** What the writers of the batch were last answered, by HLC node. See `writersOf`. */
  remembered: ReadonlyMap<string, PushMemory>
  /** Epoch milliseconds at the store. */
  now: number
  /** The batch continues the request before it (a store with small transactions splits requests). */
  continues?: boolean
  /** Epoch milliseconds. Deletions before then may have been purged: a put as old for an unknown record is refused. Absent: none are. */
  purgedBefore?: number
}

export type FoldOutput =
  | {
    status: 'folded'
    version: number
    results: FoldedResult[]
    /** The final row of each record that changed, in the order of versions. */
    writes: RecordRow[]
    /** The memories to store, by HLC node; a writer whose memory stays is absent. */
    remembered: Map<string, PushMemory>
    /** How many ops were applied now (repeats not counted). */
    applied: number
  }
  /** What the batch replaces is too much for one reply, and it must not be lost: send fewer ops. Nothing is written. */
  | { status: 'too-large' }

/**
 * Decides a batch: which ops become their record's revision, which lose, and what each is answered.
 * Pure, so that every store gives the same answers; the caller reads before and writes after, in one transaction.
 */
export function foldPush(input: FoldInput): FoldOutput {
  const fold = new Fold(input)
  const results: FoldedResult[] = []
  for (const item of input.items) {
    results.push(item.kind === 'rejected' ? fold.reject(item) : fold.take(item))
    // At once: the payloads of what else it replaces need not even be read.
    if (fold.overwroteText > OVERWROTE_REPLY_TEXT && input.items.length > 1) return { status: 'too-large' }
  }
  return {
    status: 'folded',
    version: fold.version,
    results,
    writes: [...fold.writes.values()],
    remembered: fold.memories(),
    applied: fold.version - input.version,
  }
}

class Fold {
  version: number
  readonly writes = new Map<string, RecordRow>()
  overwroteText = 0
  private replyText = 0
  private readonly answered = new Map<string, PushMemory>()
  private readonly repeating = new Set<string>()
  private readonly applying = new Set<string>()
  private readonly replaced = new Map<string, Map<string, RecordRow[]>>()
  private sent: Set<string> | undefined

  constructor(private readonly input: FoldInput) {
    this.version = input.version
  }

  take(op: AcceptedOp): FoldedResult {
    const fingerprint = opFingerprint(op.tableName, op.pk, op.stamp)
    const writer = hlcNode(op.stamp.hlc)
    // The memory comes first: a repeated op must be answered as it was, though others may have written since.
    const earlier = this.input.remembered.get(writer)?.get(fingerprint)
    if (earlier) {
      this.repeating.add(writer)
      this.remember(op, fingerprint, earlier)
      return this.repeat(op, earlier, this.stored(op))
    }
    const stored = this.stored(op)
    const order = stored ? compareRevisions(op.stamp, stored.stamp) : 1
    if (stored && order !== 0 && stored.stamp.opId === op.stamp.opId) {
      return this.refuse(op.stamp.opId, 'VALIDATION_ERROR', 'stamp.opId: this record has it under another revision; every edit needs an op id of its own', stored)
    }
    if (stored && order === 0) {
      this.remember(op, fingerprint, { version: stored.serverVersion })
      return { opId: op.stamp.opId, success: true, applied: true, replayed: true, serverVersion: stored.serverVersion }
    }
    const writtenAt = parseHlc(op.stamp.hlc)?.ms ?? 0
    const ahead = writtenAt - this.input.now
    if (ahead > MAX_CLOCK_SKEW_MS) return this.refuse(op.stamp.opId, 'CLOCK_SKEW', `stamp.hlc is ${Math.round(ahead / 1000)} s ahead of the server's time`, stored)
    // The record may have been deleted and purged since: nobody can tell any more whether the put would have lost.
    if (!stored && op.op === 'put' && writtenAt < (this.input.purgedBefore ?? 0) && !isUpgradedRevision(op.stamp)) {
      return this.refuse(op.stamp.opId, 'CONFLICT', 'the edit is older than the store remembers deletions, and the record is unknown', undefined)
    }
    if (stored && order < 0) {
      const winner = this.withinReply(stored)
      const result: FoldedResult = { opId: op.stamp.opId, success: true, applied: false, serverVersion: stored.serverVersion, winner }
      this.remember(op, fingerprint, { version: stored.serverVersion, winner, ...this.tellEarlier(op, result) })
      return result
    }
    return this.apply(op, fingerprint, stored)
  }

  reject(op: RejectedOp): FoldedResult {
    return this.refuse(op.opId, op.errorCode, op.error, op.record && this.stored(op.record))
  }

  /**
   * What is to be remembered of each writer from now on.
   *
   * - It only repeats: its memory stays as it is.
   * - It repeats some ops, or none was applied now: the answers are added. Such a batch may be an old request that arrives a second
   *   time, and what was answered since must not be forgotten for it.
   * - Else it has heard of its last batch, and its memory starts anew, except for answers about edits that may be held back or wait
   *   aside: nobody knows whether those were heard. See `perhapsUnheard`.
   */
  memories(): Map<string, PushMemory> {
    const changed = new Map<string, PushMemory>()
    for (const [writer, answered] of this.answered) {
      const before = this.input.remembered.get(writer)
      if (before && isSubset(answered, before)) continue
      const goesOn = this.repeating.has(writer) || this.input.continues || !this.applying.has(writer)
      if (before) changed.set(writer, mergePushMemories(goesOn ? before : perhapsUnheard(before, key => this.isSent(key)), answered))
      else changed.set(writer, answered)
    }
    return changed
  }

  private isSent(key: string): boolean {
    this.sent ??= new Set(this.input.items.flatMap(item => item.kind === 'op' ? recordKey(item.tableName, item.pk) : []))
    return this.sent.has(key)
  }

  private stored(record: { tableName: string, pk: string }): RecordRow | undefined {
    const key = recordKey(record.tableName, record.pk)
    return this.writes.get(key) ?? this.input.rows.get(key)
  }

  private apply(op: AcceptedOp, fingerprint: string, stored: RecordRow | undefined): FoldedResult {
    const overwrote = stored && isConcurrent(op, stored) ? { ...stored, payload: stored.payload } : undefined
    this.applying.add(hlcNode(op.stamp.hlc))
    const row: RecordRow = { tableName: op.tableName, pk: op.pk, serverVersion: ++this.version, op: op.op, payload: op.payload, stamp: op.stamp }
    const key = recordKey(op.tableName, op.pk)
    // Deleted first, so that the writes stand in the order of their versions.
    this.writes.delete(key)
    this.writes.set(key, row)
    const result: FoldedResult = { opId: op.stamp.opId, success: true, applied: true, serverVersion: row.serverVersion }
    if (overwrote) {
      this.countReplaced(overwrote)
      result.overwrote = overwrote
    }
    this.remember(op, fingerprint, { version: row.serverVersion, overwrote, ...this.tellEarlier(op, result) })
    return result
  }

  /** Adds to the answer what answers before it said in vain. @returns what to remember of that. */
  private tellEarlier(op: AcceptedOp, result: FoldedResult): { unheard?: RecordRow[] } {
    const unheard = this.unheard(op)
    if (!unheard) return {}
    for (const row of unheard) this.countReplaced(row)
    result.overwroteEarlier = unheard
    return { unheard }
  }

  /**
   * What earlier ops of the same database replaced in this record, although the database does not know: this op goes on from a
   * revision below the replaced one, so that answer was never heard.
   */
  private unheard(op: AcceptedOp): RecordRow[] | undefined {
    const { base } = op
    if (base === undefined) return undefined
    const found = new Map<string, RecordRow>()
    for (const writer of new Set([hlcNode(op.stamp.hlc), ...op.unheard ?? []])) {
      for (const row of this.replacedBy(writer).get(recordKey(op.tableName, op.pk)) ?? []) {
        if (isAboveBase(row.stamp, base)) found.set(row.stamp.opId, row)
      }
    }
    return found.size ? [...found.values()] : undefined
  }

  /** What the remembered answers of a writer say was replaced, by record. */
  private replacedBy(writer: string): Map<string, RecordRow[]> {
    let replaced = this.replaced.get(writer)
    if (replaced) return replaced
    this.replaced.set(writer, replaced = new Map())
    for (const { overwrote, unheard = [] } of this.input.remembered.get(writer)?.values() ?? []) {
      for (const row of overwrote ? [...unheard, overwrote] : unheard) {
        const key = recordKey(row.tableName, row.pk)
        const rows = replaced.get(key)
        if (!rows) replaced.set(key, [row])
        else if (!rows.some(({ stamp }) => stamp.opId === row.stamp.opId)) rows.push(row)
      }
    }
    return replaced
  }

  private repeat(op: AcceptedOp, earlier: RememberedResult, stored: RecordRow | undefined): FoldedResult {
    const result: FoldedResult = { opId: op.stamp.opId, success: true, applied: !earlier.winner, replayed: true, serverVersion: earlier.version }
    // Deleted since, also where it had lost before: a device that walks or has walked the feed without tombstones would not learn it any other way.
    const isDeleted = stored?.op === 'delete' && !this.isOwnDelete(op, stored) && compareRevisions(stored.stamp, op.stamp) > 0
    const winner = isDeleted ? stored : earlier.winner
    if (winner) result.winner = this.withinReply(winner)
    if (earlier.overwrote) result.overwrote = earlier.overwrote
    if (earlier.unheard) result.overwroteEarlier = earlier.unheard
    for (const row of [...earlier.unheard ?? [], ...earlier.overwrote ? [earlier.overwrote] : []]) this.countReplaced(row)
    return result
  }

  /**
   * Whether who repeats an op made this delete, too, and so knows of it. The node of the delete does not say so, for others may stamp
   * with it; what this user was answered does. What is queued again after a restore may be anybody's edit.
   */
  private isOwnDelete({ stamp, base, unheard = [] }: AcceptedOp, { tableName, pk, stamp: deleted }: RecordRow): boolean {
    const writer = hlcNode(deleted.hlc)
    if (base === undefined || ![hlcNode(stamp.hlc), ...unheard].includes(writer)) return false
    const fingerprint = opFingerprint(tableName, pk, deleted)
    return [this.input.remembered, this.answered].some(memories => memories.get(writer)?.has(fingerprint))
  }

  private countReplaced({ payload }: RecordRow): void {
    this.overwroteText += payload?.length ?? 0
    this.replyText += payload?.length ?? 0
  }

  private refuse(opId: string | null, errorCode: SyncErrorCode, error: string, stored: RecordRow | undefined): FoldedResult {
    const result: FoldedResult = { opId, success: false, errorCode, error }
    if (stored) result.current = this.withinReply(stored)
    return result
  }

  /** The row as it goes into the reply: without its payload once the reply holds enough of them. */
  private withinReply(row: RecordRow): RecordRow {
    if (this.replyText >= PULL_PAGE_BYTES) return { ...identity(row), payload: null }
    const payload = row.payload
    this.replyText += payload?.length ?? 0
    return { ...identity(row), payload }
  }

  private remember(op: AcceptedOp, fingerprint: string, result: RememberedResult) {
    const writer = hlcNode(op.stamp.hlc)
    let memory = this.answered.get(writer)
    if (!memory) this.answered.set(writer, memory = new Map())
    memory.set(fingerprint, result)
  }
}

/** Two edits neither of which knew the other. */
function isConcurrent({ op, payload, base, unheard, stamp, isSameContent }: AcceptedOp, stored: RecordRow): boolean {
  // Nobody can be asked to know a tombstone that has left the feed.
  if (base === null && stored.collected) return false
  if (knewRevision({ ...stamp, base, unheard }, stored.stamp)) return false
  if (op !== stored.op) return true
  if (samePayload(payload, stored.payload)) return false
  return stored.payload === null || !isSameContent?.(stored.payload)
}

function samePayload(a: string | null, b: string | null): boolean {
  if (a === b) return true
  // Both were written by `JSON.stringify`: equal values differ in the order of their keys at most.
  if (a === null || b === null || a.length !== b.length) return false
  return sameJson(JSON.parse(a) as JsonValue, JSON.parse(b) as JsonValue)
}

/** A copy that leaves a lazily read payload unread. */
function identity({ tableName, pk, serverVersion, op, stamp, collected }: RecordRow): Omit<RecordRow, 'payload'> {
  return { tableName, pk, serverVersion, op, stamp, collected }
}

function isSubset(part: PushMemory, whole: PushMemory): boolean {
  for (const fingerprint of part.keys()) if (!whole.has(fingerprint)) return false
  return true
}
