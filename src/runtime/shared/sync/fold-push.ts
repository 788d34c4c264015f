import { sameJson } from './same-json'
import { MAX_CLOCK_SKEW_MS, parseHlc } from './hlc'
import { PULL_PAGE_BYTES } from './limits'
import { mergePushMemories, opFingerprint, perhapsUnheard } from './push-memory'
import type { PushMemory, RememberedResult } from './push-memory'
import { recordKey } from './record-row'
import type { RecordRow } from './record-row'
import { compareRevisions } from './revision'
import type { BaseRevision, ChangeStamp, JsonValue, SyncErrorCode, SyncOperation } from './types'

/** An op that passed validation. */
export interface AcceptedOp {
  kind: 'op'
  tableName: string
  pk: string
  op: SyncOperation
  /** JSON text; null for a delete. */
  payload: string | null
  stamp: ChangeStamp
  /** Absent: unknown, never a conflict. Null: there was no such record. */
  base?: BaseRevision | null
}

/** An op that did not: it keeps its place among the results. */
export interface RejectedOp {
  kind: 'rejected'
  opId: string | null
  errorCode: SyncErrorCode
  error: string
  /** The record it spoke of, where that much was readable. */
  record?: { tableName: string, pk: string }
}

export type PushItem = AcceptedOp | RejectedOp

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
  /** What each device of the batch was last answered, by device id. */
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
    /** The memories to store, by device id; a device whose memory stays is absent. */
    remembered: Map<string, PushMemory>
    /** How many ops were applied now (repeats not counted). */
    applied: number
  }
  /** What the batch replaces is too much for one reply, and it must not be lost: send fewer ops. Nothing is written. */
  | { status: 'too-large' }

/** Characters of replaced payloads one reply may carry. A single op always fits. */
const OVERWROTE_MAX_TEXT = 8 * 1024 * 1024

/**
 * Decides a batch: which ops become their record's revision, which lose, and what each is answered.
 * Pure, so that every store gives the same answers; the caller reads before and writes after, in one transaction.
 */
export function foldPush(input: FoldInput): FoldOutput {
  const fold = new Fold(input)
  const results = input.items.map(item => item.kind === 'rejected' ? fold.reject(item) : fold.take(item))
  if (fold.overwroteText > OVERWROTE_MAX_TEXT && input.items.length > 1) return { status: 'too-large' }
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
    // The memory comes first: a repeated op must be answered as it was, though others may have written since.
    const earlier = this.input.remembered.get(op.stamp.deviceId)?.get(fingerprint)
    if (earlier) {
      this.repeating.add(op.stamp.deviceId)
      this.remember(op, fingerprint, earlier)
      return this.repeat(op, earlier, this.stored(op))
    }
    const stored = this.stored(op)
    const order = stored ? compareRevisions(op.stamp, stored.stamp) : 1
    if (stored && order === 0) {
      this.remember(op, fingerprint, { version: stored.serverVersion })
      return { opId: op.stamp.opId, success: true, applied: true, replayed: true, serverVersion: stored.serverVersion }
    }
    const writtenAt = parseHlc(op.stamp.hlc)?.ms ?? 0
    const ahead = writtenAt - this.input.now
    if (ahead > MAX_CLOCK_SKEW_MS) return this.refuse(op.stamp.opId, 'CLOCK_SKEW', `stamp.hlc is ${Math.round(ahead / 1000)} s ahead of the server's time`, stored)
    // The record may have been deleted and purged since: nobody can tell any more whether the put would have lost.
    if (!stored && op.op === 'put' && writtenAt < (this.input.purgedBefore ?? 0)) {
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
   * A device keeps its whole memory when it only repeats, adds to it when it repeats in part, and starts anew with a batch of
   * which something is applied now, but for what it may not have heard of other records: those edits may be held back since. A batch without that may be an old request that arrives a second time: what was answered
   * since must not be forgotten for it.
   */
  memories(): Map<string, PushMemory> {
    const changed = new Map<string, PushMemory>()
    for (const [deviceId, answered] of this.answered) {
      const before = this.input.remembered.get(deviceId)
      if (before && isSubset(answered, before)) continue
      const goesOn = this.repeating.has(deviceId) || this.input.continues || !this.applying.has(deviceId)
      if (before) changed.set(deviceId, mergePushMemories(goesOn ? before : perhapsUnheard(before, key => this.isSent(key)), answered))
      else changed.set(deviceId, answered)
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
    this.applying.add(op.stamp.deviceId)
    const row: RecordRow = { tableName: op.tableName, pk: op.pk, serverVersion: ++this.version, op: op.op, payload: op.payload, stamp: op.stamp }
    const key = recordKey(op.tableName, op.pk)
    // Deleted first, so that the writes stand in the order of their versions.
    this.writes.delete(key)
    this.writes.set(key, row)
    const result: FoldedResult = { opId: op.stamp.opId, success: true, applied: true, serverVersion: row.serverVersion }
    if (overwrote) {
      const length = overwrote.payload?.length ?? 0
      this.overwroteText += length
      this.replyText += length
      result.overwrote = overwrote
    }
    this.remember(op, fingerprint, { version: row.serverVersion, overwrote, ...this.tellEarlier(op, result) })
    return result
  }

  /** Adds to the answer what answers before it said in vain. @returns what to remember of that. */
  private tellEarlier(op: AcceptedOp, result: FoldedResult): { unheard?: RecordRow[] } {
    const unheard = this.unheard(op)
    if (!unheard) return {}
    for (const { payload } of unheard) {
      this.overwroteText += payload?.length ?? 0
      this.replyText += payload?.length ?? 0
    }
    result.overwroteEarlier = unheard
    return { unheard }
  }

  /**
   * What earlier ops of this device replaced in this record, although the device does not know: it goes on from a revision
   * below the replaced one, so it never got that answer.
   */
  private unheard(op: AcceptedOp): RecordRow[] | undefined {
    const { base } = op
    if (base === undefined) return undefined
    const rows = this.replacedBy(op.stamp.deviceId).get(recordKey(op.tableName, op.pk))
      ?.filter(({ stamp }) => base === null || base.clock < stamp.clock || (base.clock === stamp.clock && base.hlc < stamp.hlc))
    return rows?.length ? rows : undefined
  }

  /** What the remembered answers of a device say was replaced, by record. */
  private replacedBy(deviceId: string): Map<string, RecordRow[]> {
    let replaced = this.replaced.get(deviceId)
    if (replaced) return replaced
    this.replaced.set(deviceId, replaced = new Map())
    for (const { overwrote, unheard = [] } of this.input.remembered.get(deviceId)?.values() ?? []) {
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
    if (earlier.winner) result.winner = this.withinReply(earlier.winner)
    // Deleted since: a device that walks or has walked the feed without tombstones would not learn it any other way.
    else if (stored?.op === 'delete' && stored.stamp.deviceId !== op.stamp.deviceId && compareRevisions(stored.stamp, op.stamp) > 0) result.winner = this.withinReply(stored)
    if (earlier.overwrote) result.overwrote = earlier.overwrote
    if (earlier.unheard) result.overwroteEarlier = earlier.unheard
    return result
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
    let memory = this.answered.get(op.stamp.deviceId)
    if (!memory) this.answered.set(op.stamp.deviceId, memory = new Map())
    memory.set(fingerprint, result)
  }
}

function isBase(base: BaseRevision | null, { stamp }: RecordRow): boolean {
  return base !== null && base.clock === stamp.clock && base.hlc === stamp.hlc
}

/** Two edits neither of which knew the other. */
function isConcurrent(op: AcceptedOp, stored: RecordRow): boolean {
  if (op.base === undefined) return false
  if (isBase(op.base, stored)) return false
  // Nobody can be asked to know a tombstone that has left the feed.
  if (op.base === null && stored.collected) return false
  if (op.stamp.deviceId === stored.stamp.deviceId) return false
  return op.op !== stored.op || !samePayload(op.payload, stored.payload)
}

function samePayload(a: string | null, b: string | null): boolean {
  if (a === b) return true
  if (a === null || b === null) return false
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
