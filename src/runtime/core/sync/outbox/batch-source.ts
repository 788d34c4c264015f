import { PUSH_MAX_OPS } from '../../../shared/sync/limits'
import type { CapturedOp } from '../capture/captured-op'
import type { EngineContext } from '../engine-context'
import { collectBatch, type CollectedBatch } from './collect-batch'
import { FreshEdits } from './fresh-edits'
import { pushLimit } from './push-limit'
import type { PushTiming } from './push-timing'
import { RecentWrites } from './recent-writes'

export interface BatchSourceOptions {
  context: EngineContext
  timing: Pick<PushTiming, 'releaseDue' | 'isDeferred'>
  /** The outbox was read: what was found beside the batch has to be stored. */
  onCollected: (batch: CollectedBatch) => Promise<void>
}

/** Where the next batch comes from: from memory, where an edit was made a moment ago and nothing else waits; else from the outbox. */
export class BatchSource {
  readonly #recent = new RecentWrites()
  readonly #fresh = new FreshEdits()
  #maxOps = PUSH_MAX_OPS
  /** Read from the outbox and still to be sent: nothing has been written since. */
  #waiting: CollectedBatch | null = null
  #isLeaving = false

  constructor(private readonly options: BatchSourceOptions) {}

  /** Edits of this tab have committed. */
  committed(ops: readonly CapturedOp[]): void {
    this.#recent.remember(ops)
    this.#fresh.add(ops)
    this.#waiting = null
  }

  /** There may be entries in the outbox that did not come through here. */
  lookAgain(): void {
    this.#fresh.giveUp()
    this.#waiting = null
  }

  /** While `send` runs, what waits in memory is the next batch: no database answers a page that is being left. */
  leave(send: () => void): void {
    this.#isLeaving = true
    send()
    this.#isLeaving = false
  }

  /** What memory holds comes at once, not a turn later: a page that is being left has no other. Null: there is nothing to send. */
  next(): CollectedBatch | null | Promise<CollectedBatch> {
    return this.#takeWaiting() ?? this.#fresh.take(this.options.context) ?? (this.#fresh.isOnlyWork ? null : this.#collect())
  }

  /** The batch cannot be sent now. */
  putBack(batch: CollectedBatch): void {
    this.#fresh.giveUp()
    this.#waiting = batch
  }

  /** Something of a batch is still to be sent. */
  notAllTaken(): void {
    this.#fresh.giveUp()
  }

  /** The store copes with as much, perhaps with more. */
  grow(): void {
    this.#maxOps = Math.min(PUSH_MAX_OPS, this.#maxOps * 2)
  }

  /** Somewhere in the batch is an op that the store cannot take: halving finds it and spares its neighbours. */
  shrink(batch: CollectedBatch): void {
    this.#maxOps = Math.max(1, Math.floor(batch.ops.length / 2))
  }

  forget(opId: string): void {
    this.#recent.forget(opId)
  }

  clear(): void {
    this.#recent.clear()
    this.lookAgain()
  }

  #takeWaiting(): CollectedBatch | null {
    const batch = this.#isLeaving ? this.#waiting : null
    this.#waiting = null
    return batch
  }

  /** The long way: from the outbox itself. */
  async #collect(): Promise<CollectedBatch> {
    const { context, timing, onCollected } = this.options
    timing.releaseDue()
    // Edits that commit while this reads are sent the short way next; sending one twice changes nothing.
    this.#fresh.giveUp()
    this.#fresh.outboxIsEmpty()
    const maxOps = Math.min(this.#maxOps, pushLimit(context.provider))
    const batch = await collectBatch(context, { maxOps, skip: opId => timing.isDeferred(opId), recentWrites: this.#recent })
    this.#fresh.hasRead(batch.lastRecord)
    if (batch.more || batch.waiting || batch.refused.length || batch.misstamped.length) this.#fresh.giveUp()
    await onCollected(batch)
    return batch
  }
}
