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
  /** The batch is a further part of the same request: a store with small transactions splits requests. */
  continues?: boolean
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
 */
export function planPush(input: PlanInput): PushPlan {
  const planner = new Planner(input)
  const steps = input.items.map(item => item.kind === 'op'
    ? planner.judge(item)
    : refuse(item.opId, item.errorCode, item.error, item.record && planner.current(item.record)))
  return { input, steps, version: planner.version, writes: [...planner.writes.values()] }
}

class Planner {
  version: number
  readonly writes = new Map<string, RecordRow>()

  constructor(private readonly input: PlanInput) {
    this.version = input.version
  }

  judge(op: AcceptedOp): PushStep {
    const fingerprint = opFingerprint(op.tableName, op.pk, op.stamp)
    const current = this.current(op)
    // The memory comes first: a repeated op must get the same answer as before, although others may have written since.
    const earlier = this.input.remembered.get(hlcNode(op.stamp.hlc))?.get(fingerprint)
    if (earlier) return { kind: 'repeat', op, fingerprint, earlier, current }
    const order = current ? compareRevisions(op.stamp, current.stamp) : 1
    if (current && order !== 0 && current.stamp.opId === op.stamp.opId) {
      return refuse(op.stamp.opId, 'VALIDATION_ERROR', 'stamp.opId: this record has it under another revision; every edit needs an op id of its own', current)
    }
    if (current && order === 0) return { kind: 'same', op, fingerprint, version: current.serverVersion }
    const writtenAt = parseHlc(op.stamp.hlc)?.ms ?? 0
    const ahead = writtenAt - this.input.now
    if (ahead > MAX_CLOCK_SKEW_MS) return refuse(op.stamp.opId, 'CLOCK_SKEW', `stamp.hlc is ${Math.round(ahead / 1000)} s ahead of the server's time`, current)
    // The record may have been deleted and purged since. Without that tombstone the store cannot tell whether the put would have lost.
    if (!current && op.op === 'put' && writtenAt < (this.input.purgedBefore ?? 0) && !isUpgradedRevision(op.stamp)) {
      return refuse(op.stamp.opId, 'CONFLICT', 'the store does not know this record, and the edit is older than the deletions that it remembers', undefined)
    }
    if (current && order < 0) return { kind: 'lose', op, fingerprint, stored: current }
    return { kind: 'apply', op, fingerprint, row: this.#write(op), stored: current && !knew(op, current) ? current : undefined }
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

function refuse(opId: string | null, errorCode: WireErrorCode, error: string, stored: FoundRow | undefined): PushStep {
  return { kind: 'refuse', opId, errorCode, error, stored }
}
