import { hlcNode, MAX_CLOCK_SKEW_MS, parseHlc } from '../protocol/hlc'
import { knewRevision } from '../protocol/knew-revision'
import { compareRevisions } from '../protocol/revision'
import type { WireErrorCode } from '../protocol/types'
import { isUpgradedRevision } from '../protocol/upgraded-stamp'
import type { AcceptedOp, PushItem } from './push-item'
import { opFingerprint } from './push-memory'
import type { PushMemory, RememberedResult } from './push-memory'
import { recordKey } from '../protocol/record-key'
import type { RecordRow, FoundRow } from './record-row'

export interface PlanInput {
  /** The workspace's version before the batch. */
  version: number
  /** Every stored row that the batch touches, by `recordKey`. */
  rows: ReadonlyMap<string, FoundRow>
  items: readonly PushItem[]
  /** The memories of the batch's writers, by HLC node. `writersOf` says which are needed. */
  remembered: ReadonlyMap<string, PushMemory>
  /** Epoch milliseconds at the store. */
  now: number
  /** Epoch milliseconds. Deletions from before may have been purged, so an older put of an unknown record is refused. Absent: none were purged. */
  purgedBefore?: number
}

/** What happens to one item of the batch. `stored` is the row whose payload the answer may need. */
export type PushStep =
  /** The op was answered before. `current` is the record as it is now. */
  | { kind: 'repeat', op: AcceptedOp, fingerprint: string, earlier: RememberedResult, current: FoundRow | undefined }
  /** The op is the record's revision already. */
  | { kind: 'same', op: AcceptedOp, fingerprint: string, version: number }
  | { kind: 'refuse', opId: string | null, errorCode: WireErrorCode, error: string, stored: FoundRow | undefined }
  /** The stored revision is higher than the op. */
  | { kind: 'lose', op: AcceptedOp, fingerprint: string, stored: FoundRow }
  /** The op becomes the record's revision, as `row`. `stored` is the revision that it replaces without having known it. */
  | { kind: 'apply', op: AcceptedOp, fingerprint: string, row: RecordRow, stored: FoundRow | undefined }

export interface PushPlan {
  input: PlanInput
  /** One for each item, in their order. */
  steps: readonly PushStep[]
  /** The workspace's version after the batch. */
  version: number
  /** The final row of each record that changes, in the order of versions. */
  writes: readonly RecordRow[]
}

/**
 * The first half of a push: which ops become the revision of their record, and which ones lose. Only revisions decide that, so no stored
 * payload is needed. `foldPlan` is the second half. Pure.
 *
 * If an op is stamped too far ahead of the store's time, nothing of the batch is applied: a transaction of the app must not be stored in part.
 */
export function planPush(input: PlanInput): PushPlan {
  const planner = new Planner(input)
  const steps = input.items.map(item => item.kind === 'op' ? planner.judge(item) : rejected(item, planner))
  const aheadMs = steps.reduce((most, step) => step.kind === 'apply' || step.kind === 'lose' ? Math.max(most, tooFarAhead(step.op, input)) : most, 0)
  if (aheadMs > 0) return { input, steps: refuseSkewed(input, steps, aheadMs), version: input.version, writes: [] }
  return { input, steps, version: planner.version, writes: [...planner.writes.values()] }
}

/**
 * The steps of a batch of which nothing is applied, because an op is `aheadMs` ahead of the store's time. What is there already keeps its
 * answer, and what is invalid for another reason keeps its code. All other ops are refused with `CLOCK_SKEW`, also those that would have lost.
 */
function refuseSkewed(input: PlanInput, steps: readonly PushStep[], aheadMs: number): PushStep[] {
  const stored = new Planner(input)
  return input.items.map((item, index) => {
    if (item.kind !== 'op') return rejected(item, stored)
    const step = steps[index]!
    const current = stored.current(item)
    if (step.kind === 'refuse') return { ...step, stored: current }
    const own = tooFarAhead(item, input)
    const error = own > 0
      ? `stamp.hlc is ${seconds(own)} ahead of the server's time`
      : `an op of the same batch is ${seconds(aheadMs)} ahead of the server's time, so nothing of the batch was stored`
    return stored.known(item) ?? refuse(item.stamp.opId, 'CLOCK_SKEW', error, current)
  })
}

/** Milliseconds by which an op is ahead of the store's time. 0: it is within the limit, or the store has it already. */
function tooFarAhead(op: AcceptedOp, { now, rows }: PlanInput): number {
  const ahead = writtenAt(op) - now
  if (ahead <= MAX_CLOCK_SKEW_MS) return 0
  const stored = rows.get(recordKey(op.tableName, op.pk))
  return stored && compareRevisions(op.stamp, stored.stamp) === 0 ? 0 : ahead
}

function writtenAt({ stamp }: AcceptedOp): number {
  return parseHlc(stamp.hlc)?.ms ?? 0
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}

class Planner {
  version: number
  readonly writes = new Map<string, RecordRow>()

  constructor(private readonly input: PlanInput) {
    this.version = input.version
  }

  /** What becomes of an op. Whether its stamp is too far ahead is decided for the batch as a whole. */
  judge(op: AcceptedOp): PushStep {
    const known = this.known(op)
    if (known) return known
    const fingerprint = opFingerprint(op.tableName, op.pk, op.stamp)
    const current = this.current(op)
    const order = current ? compareRevisions(op.stamp, current.stamp) : 1
    if (current && current.stamp.opId === op.stamp.opId) {
      return refuse(op.stamp.opId, 'VALIDATION_ERROR', 'stamp.opId: this record has it under another revision; every edit needs an op id of its own', current)
    }
    // The record may have been deleted and purged since. Without that tombstone the store cannot tell whether the put would have lost.
    if (!current && op.op === 'put' && writtenAt(op) < (this.input.purgedBefore ?? 0) && !isUpgradedRevision(op.stamp)) {
      return refuse(op.stamp.opId, 'CONFLICT', 'the store does not know this record, and the edit is older than the deletions that it remembers', undefined)
    }
    if (current && order < 0) return { kind: 'lose', op, fingerprint, stored: current }
    return { kind: 'apply', op, fingerprint, row: this.#write(op), stored: current && !knew(op, current) ? current : undefined }
  }

  /** The answer to an op that the store has, or has answered before. Undefined: it is new. */
  known(op: AcceptedOp): PushStep | undefined {
    const fingerprint = opFingerprint(op.tableName, op.pk, op.stamp)
    const current = this.current(op)
    // The memory comes first: a repeated op must get the same answer as before, although others may have written since.
    const earlier = this.input.remembered.get(hlcNode(op.stamp.hlc))?.get(fingerprint)
    if (earlier) return { kind: 'repeat', op, fingerprint, earlier, current }
    if (!current || compareRevisions(op.stamp, current.stamp) !== 0) return undefined
    return { kind: 'same', op, fingerprint, version: current.serverVersion }
  }

  /** The record as it is after the earlier items of the batch. */
  current(record: { tableName: string, pk: string }): FoundRow | undefined {
    const key = recordKey(record.tableName, record.pk)
    return this.writes.get(key) ?? this.input.rows.get(key)
  }

  #write(op: AcceptedOp): RecordRow {
    const row: RecordRow = { tableName: op.tableName, pk: op.pk, serverVersion: ++this.version, op: op.op, payload: op.payload, stamp: op.stamp }
    const key = recordKey(op.tableName, op.pk)
    // Deleted first, so that the map stays in the order of versions.
    this.writes.delete(key)
    this.writes.set(key, row)
    return row
  }
}

function knew({ base, unheard, stamp }: AcceptedOp, current: FoundRow): boolean {
  // A device cannot have heard of a tombstone that left the feed, so a create does not conflict with it.
  if (base === null && current.collected) return true
  return knewRevision({ ...stamp, base, unheard }, current.stamp)
}

function rejected({ opId, errorCode, error, record }: Extract<PushItem, { kind: 'rejected' }>, planner: Planner): PushStep {
  return refuse(opId, errorCode, error, record && planner.current(record))
}

function refuse(opId: string | null, errorCode: WireErrorCode, error: string, stored: FoundRow | undefined): PushStep {
  return { kind: 'refuse', opId, errorCode, error, stored }
}
