import { PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'
import type { Revision } from '../../../shared/sync/protocol/revision'
import type { CapturedOp } from '../records/captured-op'
import type { OutboxOp } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { LINK_SIZE, RequestSize } from '../transport/request-size'
import { BatchSize } from './batch-size'
import { collectBatch, type CollectedBatch, type GroupSplit } from './collect-batch'
import { FreshEdits } from './fresh-edits'
import { batchLimits } from './batch-limits'
import type { BatchLimits } from './batch-packer'
import type { PushTiming } from './push-timing'
import { RecentWrites } from './recent-writes'
import type { UnreachedWinners } from './unreached-winners'

export interface BatchSourceOptions {
  context: EngineContext
  timing: Pick<PushTiming, 'releaseDue' | 'isDeferred'>
  unreached: Pick<UnreachedWinners, 'has'>
  /** Whether the store may have an edit of the record that it has not answered. */
  mayHaveArrived: (key: string) => boolean
  /** Called after the outbox was read, to store what was found besides the batch. See `BatchPusher.tidy`. */
  onCollected: (batch: CollectedBatch) => Promise<void>
}

/** Makes the next batch: from edits in memory, if they are all that waits (the short way), else from the outbox (the long way). */
export class BatchSource {
  readonly #recent = new RecentWrites()
  readonly #fresh = new FreshEdits()
  readonly size = new BatchSize()
  /** How many ops the connection can carry before a request times out. */
  readonly link = new RequestSize({ max: PUSH_MAX_OPS, ...LINK_SIZE })
  /** Whether edits may wait aside in the outbox. Another tab may have put them there. */
  #mayHaveAside = true
  /** A batch that could not be sent. It is only sent as it is when the page is being left. Any write makes it out of date. */
  #waiting: CollectedBatch | null = null
  #isLeaving = false
  /** The next read of the outbox asks `capture` about held edits as well: its answer may have changed. */
  #asksHeld = true
  /** Outbox records up to this id belong to groups that are too large for one push, and are cut. */
  #cutUntil = 0
  /** The database that the edits in memory belong to. See `EngineContext.incarnation`. */
  #incarnation = 0

  constructor(private readonly options: BatchSourceOptions) {}

  /** This tab has committed edits. */
  add(ops: readonly CapturedOp[]): void {
    this.#forgetReplaced()
    this.options.context.outbox.learn(ops)
    this.#recent.remember(ops)
    this.#fresh.add(ops)
    this.#waiting = null
  }

  /** The outbox may hold entries that this tab has not heard of. `asksHeld`: also asks `capture` about held edits again. */
  lookAgain({ asksHeld = false } = {}): void {
    this.#asksHeld ||= asksHeld
    this.#fresh.leaveToOutbox()
    this.#waiting = null
    this.#mayHaveAside = true
  }

  /** While `send` runs, a batch that waits in memory comes first. A page that is being left gets no answer from IndexedDB any more. */
  leave(send: () => void): void {
    this.#isLeaving = true
    send()
    this.#isLeaving = false
  }

  /**
   * The next batch. One from memory is returned directly and not as a promise: on a page that is being left, a promise may never resolve. Null:
   * there is nothing to send.
   */
  next(): CollectedBatch | null | Promise<CollectedBatch> {
    this.#forgetReplaced()
    return this.#takeWaiting() ?? this.#fresh.take(this.options.context, this.#limits.target.ops) ?? (this.#fresh.isOnlyWork ? null : this.#collect())
  }

  /** This batch cannot be sent now. */
  putBack(batch: CollectedBatch): void {
    this.#fresh.leaveToOutbox()
    this.#waiting = batch
  }

  /** The batch is one group, and too large for the store or the connection: the group is sent in parts from now on. */
  cut({ ops, recordIds }: CollectedBatch): GroupSplit {
    this.#cutUntil = Math.max(...recordIds)
    return { ops: ops.length, parts: Math.ceil(ops.length / this.#limits.target.ops), until: this.#cutUntil }
  }

  /** Edits of the last batch are still in the outbox: the next batch has to be read from there. */
  notAllTaken(): void {
    this.#fresh.leaveToOutbox()
  }

  /** The record's edits up to this revision are not to be sent any more. */
  forget(key: string, revision: Revision): void {
    this.#recent.forget(key, revision)
  }

  clear(): void {
    this.#recent.clear()
    this.lookAgain({ asksHeld: true })
  }

  /** Drops the edits in memory when the database was deleted or replaced: the new one does not hold them. */
  #forgetReplaced(): void {
    const incarnation = this.options.context.incarnation()
    if (incarnation === this.#incarnation) return
    this.#incarnation = incarnation
    this.#recent.clear()
    this.#fresh.forget()
    this.#cutUntil = 0
    this.lookAgain({ asksHeld: true })
  }

  #takeWaiting(): CollectedBatch | null {
    const batch = this.#isLeaving ? this.#waiting : null
    this.#waiting = null
    return batch
  }

  /** The long way: reads the outbox. */
  async #collect(): Promise<CollectedBatch> {
    const { context, timing, unreached, mayHaveArrived, onCollected } = this.options
    timing.releaseDue()
    // Edits that commit while this reads may take the short way next.
    this.#fresh.leaveToOutbox()
    this.#fresh.outboxIsBeingRead()
    const { turn } = this.#recent
    const withHeld = this.#asksHeld
    // Reset before reading: a call of `lookAgain` during the read is then kept for the next read.
    this.#asksHeld = false
    let batch: CollectedBatch | null = null
    try { batch = await collectBatch(context, { limits: this.#limits, cutUntil: this.#cutUntil, skip: ({ opId, aside }) => aside !== undefined || timing.isDeferred(opId) || unreached.has(opId), withHeld, mayHaveArrived, recentWrites: this.#recent }) }
    finally { if (!batch || batch.more) this.#asksHeld ||= withHeld }
    this.#fresh.hasRead(batch.lastRecord)
    if (batch.split) this.#cutUntil = batch.split.until
    if (batch.more || batch.waiting || batch.refused.length || batch.misstamped.length || batch.retracted.length) this.#fresh.leaveToOutbox()
    await onCollected(batch)
    if (isEmpty(batch) && !batch.waiting && !batch.more) this.#recent.forgetUntil(turn)
    return batch.waiting && this.#mayHaveAside && isEmpty(batch) ? await this.#collectAside() : batch
  }

  /** Everything else is sent: takes an edit that waits aside and is due. Each of these goes alone. */
  async #collectAside(): Promise<CollectedBatch> {
    const { context, timing, unreached, mayHaveArrived, onCollected } = this.options
    let found = false
    const skip = ({ opId, aside }: Pick<OutboxOp, 'opId' | 'aside'>) => {
      found ||= aside !== undefined
      return aside === undefined || timing.isDeferred(opId) || unreached.has(opId)
    }
    const batch = await collectBatch(context, { limits: { ...this.#limits, target: { ops: 1, bytes: Infinity } }, cutUntil: Infinity, skip, withHeld: false, mayHaveArrived, recentWrites: this.#recent })
    this.#mayHaveAside = found
    await onCollected(batch)
    return batch
  }

  get #limits(): BatchLimits {
    const { provider, storeLimits } = this.options.context
    return batchLimits({ provider, told: storeLimits.told, maxOps: Math.min(this.size.max, this.link.max) })
  }
}

function isEmpty({ ops, refused, misstamped, retracted }: CollectedBatch): boolean {
  return ops.length + refused.length + misstamped.length + retracted.length === 0
}
