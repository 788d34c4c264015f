import { PUSH_MAX_BYTES, PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'
import { hlcNode } from '../../../shared/sync/protocol/hlc'
import { compareRevisions } from '../../../shared/sync/protocol/revision'
import type { CapturedOp } from '../records/captured-op'
import type { OutboxOp } from '../records/engine-records'
import { toPendingOp } from '../records/pending-op'
import type { EngineContext } from '../context/engine-context'
import { asksAgain } from '../context/exclusion'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import { checkPayload, type CollectedBatch } from './collect-batch'
import { utf8Length } from '../../../shared/sync/protocol/utf8-length'

/**
 * The short way: sends edits that this tab has just made as they were captured, without reading the outbox or the rows back. It is taken while
 * nothing else waits.
 *
 * Large bursts, and tables whose `capture` or `exclude` has to be asked again, go the long way. The outbox entry is stored in either case, so
 * nothing is lost when the short way fails.
 */
export class FreshEdits {
  #ops: CapturedOp[] = []
  #bytes = 0
  /** No older edits wait: those in `#ops` are all there is to send. */
  #isOnlyWork = false
  /** The highest outbox record id that this tab knows of. IndexedDB hands out these ids without gaps. */
  #lastRecord = 0

  add(ops: readonly CapturedOp[]): void {
    if (!this.#followsOn(ops)) this.leaveToOutbox()
    if (!this.#isOnlyWork) return
    this.#ops.push(...ops)
    for (const { size } of ops) this.#bytes += size
    if (this.#ops.length > PUSH_MAX_OPS || this.#bytes > PUSH_MAX_BYTES / 2) this.leaveToOutbox()
  }

  /** The outbox is being read. Edits that commit from here on may be sent the short way. */
  outboxIsBeingRead(): void {
    this.#isOnlyWork = true
  }

  /**
   * The outbox was read up to this record. Edits that committed meanwhile and were read are dropped here. Otherwise a later edit of the same
   * record would be merged with one that was sent already, and carry its base instead of its revision.
   */
  hasRead(lastRecord: number): void {
    this.#knows(lastRecord)
    this.#ops = this.#ops.filter(({ recordId = Infinity }) => recordId > lastRecord)
    this.#bytes = this.#ops.reduce((sum, { size }) => sum + size, 0)
  }

  /** The outbox may hold more than these edits: the next batch has to be read from there. */
  leaveToOutbox(): void {
    this.#isOnlyWork = false
    this.#ops = []
    this.#bytes = 0
  }

  /** Another database has replaced the one that these edits are in. Its outbox record ids start from 1 again. */
  forget(): void {
    this.leaveToOutbox()
    this.#lastRecord = 0
  }

  get isOnlyWork(): boolean {
    return this.#isOnlyWork
  }

  /**
   * Whether these edits come right after the last outbox record that this tab knows of.
   *
   * A gap in the ids means that another tab has written outbox records that we have not heard of. Our edit may build on one of those, so its
   * base is in that record. Only reading the outbox finds it.
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

  /** The next batch, of at most `maxOps` ops. Null: there is nothing to send, or it has to go the long way (then `isOnlyWork` is false). */
  take(context: EngineContext, maxOps: number): CollectedBatch | null {
    const ops = this.#ops
    this.#ops = []
    this.#bytes = 0
    if (!ops.length) return null
    const latest = new Map<string, { op: CapturedOp, ground: Pick<OutboxOp, 'base' | 'unheard'> }>()
    for (const op of ops) {
      const table = context.schema.tables[op.tableName]!
      if (asksAgain(table) || op.held || op.recordId === undefined) {
        this.leaveToOutbox()
        return null
      }
      const { edit } = op
      const key = recordKey(op.tableName, edit.pk)
      const known = latest.get(key)
      if (!known) latest.set(key, { op, ground: { base: edit.base, unheard: edit.unheard } })
      // Only the newest edit is sent, with the base of the first. Another tab may have sent those in between: `unheard` names the node that stamped them.
      else if (compareRevisions(edit, known.op.edit) > 0) {
        known.ground.unheard = [...new Set([...known.ground.unheard ?? [], hlcNode(known.op.edit.hlc)])]
        known.op = op
      }
    }
    if (latest.size > maxOps) {
      this.leaveToOutbox()
      return null
    }
    const batch: CollectedBatch = { ops: [], isOneGroup: new Set(ops.map(({ group }) => group)).size === 1, refused: [], misstamped: [], retracted: [], obsolete: [], held: [], released: [], recordIds: [...new Set(ops.map(op => op.recordId!))], lastRecord: this.#lastRecord, more: false, waiting: false, whole: true, incarnation: context.incarnation() }
    for (const [key, { op: { edit, tableName, payload, createdAt }, ground }] of latest) {
      const pending = toPendingOp(edit, { tableName, deviceId: context.deviceId(), payload, ...ground, createdAt, status: 'syncing' })
      const error = payload ? checkPayload(context.schema.tables[tableName]!, edit.pk, payload, utf8Length(JSON.stringify(payload))) : null
      if (error) {
        // The long way moves refused edits to the dead letter.
        this.leaveToOutbox()
        return null
      }
      batch.ops.push({ key, op: pending })
    }
    return batch
  }
}
