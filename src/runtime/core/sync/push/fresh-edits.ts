import { PUSH_MAX_BYTES, PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'
import { hlcNode } from '../../../shared/sync/protocol/hlc'
import { compareRevisions } from '../../../shared/sync/protocol/revision'
import type { CapturedOp } from '../records/captured-op'
import type { EngineContext } from '../context/engine-context'
import { asksAgain } from '../context/exclusion'
import { recordKey } from '../records/record-key'
import { checkPayload, toPendingOp, type CollectedBatch } from './collect-batch'
import { utf8Length } from '../../../shared/sync/protocol/utf8-length'

/**
 * The short way of an edit made a moment ago in this tab, while nothing else is waiting: sent as it was captured, without
 * reading the outbox or the row back. What it cannot take (large bursts, tables that ask `capture` or `exclude` again) goes
 * the long way; the outbox entry is stored either way.
 */
export class FreshEdits {
  #ops: CapturedOp[] = []
  #bytes = 0
  /** Everything older is sent. */
  #isOnlyWork = false
  /** The highest outbox record that this tab knows of. The store of records counts up without gaps. */
  #lastRecord = 0

  add(ops: readonly CapturedOp[]): void {
    if (!this.#followsOn(ops)) this.leaveToOutbox()
    if (!this.#isOnlyWork) return
    this.#ops.push(...ops)
    for (const { size } of ops) this.#bytes += size
    if (this.#ops.length > PUSH_MAX_OPS || this.#bytes > PUSH_MAX_BYTES / 2) this.leaveToOutbox()
  }

  /** The outbox is being read to its end: from here on, new edits are all there is. */
  outboxIsEmpty(): void {
    this.#isOnlyWork = true
  }

  /**
   * The outbox has been read up to this record. Edits that committed meanwhile, and were read, are not sent from here as well: what is
   * made upon them later would be sent as made upon what they were made upon.
   */
  hasRead(lastRecord: number): void {
    this.#knows(lastRecord)
    this.#ops = this.#ops.filter(({ recordId = Infinity }) => recordId > lastRecord)
    this.#bytes = this.#ops.reduce((sum, { size }) => sum + size, 0)
  }

  /** There may be more in the outbox than what is here. */
  leaveToOutbox(): void {
    this.#isOnlyWork = false
    this.#ops = []
    this.#bytes = 0
  }

  /** Another database is in the place of the one that these edits are in: its outbox records count from 1 again. */
  forget(): void {
    this.leaveToOutbox()
    this.#lastRecord = 0
  }

  get isOnlyWork(): boolean {
    return this.#isOnlyWork
  }

  /**
   * A gap before these edits is another tab's, of which no message has come yet. Ours may stand on it, and then what it stood on
   * is their base: only the outbox knows.
   */
  #followsOn(ops: readonly CapturedOp[]): boolean {
    let follows = true
    for (const { recordId = Infinity } of ops) {
      if (recordId > this.#lastRecord + 1) follows = false
      if (recordId !== Infinity) this.#knows(recordId)
    }
    return follows
  }

  #knows(recordId: number): void {
    this.#lastRecord = Math.max(this.#lastRecord, recordId)
  }

  /** The next batch, of at most `maxOps`; null: there is none, or it has to go the long way (`isOnlyWork` tells which). */
  take(context: EngineContext, maxOps: number): CollectedBatch | null {
    const ops = this.#ops
    this.#ops = []
    this.#bytes = 0
    if (!ops.length) return null
    const latest = new Map<string, { op: CapturedOp, ground: Pick<CapturedOp, 'base' | 'unheard'> }>()
    for (const op of ops) {
      const table = context.schema.tables[op.tableName]!
      if (asksAgain(table) || op.held || op.recordId === undefined) {
        this.leaveToOutbox()
        return null
      }
      const key = recordKey(op.tableName, op.pk)
      const known = latest.get(key)
      if (!known) latest.set(key, { op, ground: { base: op.base, unheard: op.unheard } })
      // What the first was made upon is what this one stands on. Another tab may have sent those between: they are known by their node.
      else if (compareRevisions(op, known.op) > 0) {
        known.ground.unheard = [...new Set([...known.ground.unheard ?? [], hlcNode(known.op.hlc)])]
        known.op = op
      }
    }
    if (latest.size > maxOps) {
      this.leaveToOutbox()
      return null
    }
    const batch: CollectedBatch = { ops: [], refused: [], misstamped: [], leaving: [], void: [], held: [], released: [], recordIds: [...new Set(ops.map(op => op.recordId!))], lastRecord: this.#lastRecord, more: false, waiting: false, whole: true, incarnation: context.incarnation() }
    for (const [key, { op, ground }] of latest) {
      const pending = toPendingOp(context, op, op.payload, ground, op.createdAt)
      const error = op.payload ? checkPayload(context.schema.tables[op.tableName]!, op.pk, op.payload, utf8Length(JSON.stringify(op.payload))) : null
      if (error) {
        // Refusals belong to the long way, which moves them to the dead letter.
        this.leaveToOutbox()
        return null
      }
      batch.ops.push({ key, op: pending })
    }
    return batch
  }
}
