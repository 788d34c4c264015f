import { PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'
import type { Revision } from '../../../shared/sync/protocol/revision'
import type { CapturedOp } from '../records/captured-op'
import type { OutboxOp } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { LINK_SIZE, RequestSize } from '../transport/request-size'
import { BatchSize } from './batch-size'
import { collectBatch, type CollectedBatch } from './collect-batch'
import { FreshEdits } from './fresh-edits'
import { pushLimit } from './push-limit'
import type { PushTiming } from './push-timing'
import { RecentWrites } from './recent-writes'

export interface BatchSourceOptions {
  context: EngineContext
  timing: Pick<PushTiming, 'releaseDue' | 'isDeferred'>
  /** Whether an edit of the record may be with the store unanswered. */
  mayHaveArrived: (key: string) => boolean
  /** The outbox was read: what was found beside the batch has to be stored. */
  onCollected: (batch: CollectedBatch) => Promise<void>
}

/** Where the next batch comes from: from memory, where an edit was made a moment ago and nothing else waits; else from the outbox. */
export class BatchSource {
  readonly #recent = new RecentWrites()
  readonly #fresh = new FreshEdits()
  readonly size = new BatchSize()
  /** How many ops the link carries in time. */
  readonly link = new RequestSize({ max: PUSH_MAX_OPS, ...LINK_SIZE })
  /** Edits may wait aside, of which this tab need not know. */
  #mayHaveAside = true
  /** Read from the outbox and still to be sent: nothing has been written since. */
  #waiting: CollectedBatch | null = null
  #isLeaving = false
  /** Held edits are to be looked at: what holds them may be another by now. */
  #asksHeld = true
  /** Of the database that all of this is about. See `EngineContext.incarnation`. */
  #incarnation = 0

  constructor(private readonly options: BatchSourceOptions) {}

  /** Edits of this tab have committed. */
  add(ops: readonly CapturedOp[]): void {
    this.#forgetReplaced()
    this.options.context.outbox.learn(ops)
    this.#recent.remember(ops)
    this.#fresh.add(ops)
    this.#waiting = null
  }

  /** There may be entries in the outbox that did not come through here. `asksHeld`: held edits are asked again whether they may go. */
  lookAgain({ asksHeld = false } = {}): void {
    this.#asksHeld ||= asksHeld
    this.#fresh.leaveToOutbox()
    this.#waiting = null
    this.#mayHaveAside = true
  }

  /** While `send` runs, what waits in memory is the next batch: no database answers a page that is being left. */
  leave(send: () => void): void {
    this.#isLeaving = true
    send()
    this.#isLeaving = false
  }

  /** What memory holds comes at once, not a turn later: a page that is being left has no other. Null: there is nothing to send. */
  next(): CollectedBatch | null | Promise<CollectedBatch> {
    this.#forgetReplaced()
    return this.#takeWaiting() ?? this.#fresh.take(this.options.context, this.#maxOps) ?? (this.#fresh.isOnlyWork ? null : this.#collect())
  }

  /** The batch cannot be sent now. */
  putBack(batch: CollectedBatch): void {
    this.#fresh.leaveToOutbox()
    this.#waiting = batch
  }

  /** Something of a batch is still to be sent. */
  notAllTaken(): void {
    this.#fresh.leaveToOutbox()
  }

  /** The record's edits up to this revision wait no longer. */
  forget(key: string, revision: Revision): void {
    this.#recent.forget(key, revision)
  }

  clear(): void {
    this.#recent.clear()
    this.lookAgain({ asksHeld: true })
  }

  /** What was in a database that was deleted or replaced since is not in the one in its place. */
  #forgetReplaced(): void {
    const incarnation = this.options.context.incarnation()
    if (incarnation === this.#incarnation) return
    this.#incarnation = incarnation
    this.#recent.clear()
    this.#fresh.forget()
    this.lookAgain({ asksHeld: true })
  }

  #takeWaiting(): CollectedBatch | null {
    const batch = this.#isLeaving ? this.#waiting : null
    this.#waiting = null
    return batch
  }

  /** The long way: from the outbox itself. */
  async #collect(): Promise<CollectedBatch> {
    const { context, timing, mayHaveArrived, onCollected } = this.options
    timing.releaseDue()
    // Edits that commit while this reads are sent the short way next.
    this.#fresh.leaveToOutbox()
    this.#fresh.outboxIsEmpty()
    const { turn } = this.#recent
    const withHeld = this.#asksHeld
    // Before it reads: who wishes it meanwhile wishes it for what is read then.
    this.#asksHeld = false
    let batch: CollectedBatch | null = null
    try { batch = await collectBatch(context, { maxOps: this.#maxOps, skip: ({ opId, aside }) => aside !== undefined || timing.isDeferred(opId), withHeld, mayHaveArrived, recentWrites: this.#recent }) }
    finally { if (!batch || batch.more) this.#asksHeld ||= withHeld }
    this.#fresh.hasRead(batch.lastRecord)
    if (batch.more || batch.waiting || batch.refused.length || batch.misstamped.length || batch.leaving.length) this.#fresh.leaveToOutbox()
    await onCollected(batch)
    if (isEmpty(batch) && !batch.waiting && !batch.more) this.#recent.forgetUntil(turn)
    return batch.waiting && this.#mayHaveAside && isEmpty(batch) ? await this.#collectAside() : batch
  }

  /** Everything else is sent: what waits aside and is due goes, each by itself. */
  async #collectAside(): Promise<CollectedBatch> {
    const { context, timing, mayHaveArrived, onCollected } = this.options
    let found = false
    const skip = ({ opId, aside }: Pick<OutboxOp, 'opId' | 'aside'>) => {
      found ||= aside !== undefined
      return aside === undefined || timing.isDeferred(opId)
    }
    const batch = await collectBatch(context, { maxOps: 1, skip, withHeld: false, mayHaveArrived, recentWrites: this.#recent })
    this.#mayHaveAside = found
    await onCollected(batch)
    return batch
  }

  get #maxOps(): number {
    return Math.min(this.size.max, this.link.max, pushLimit(this.options.context.provider))
  }
}

function isEmpty({ ops, refused, misstamped, leaving }: CollectedBatch): boolean {
  return ops.length + refused.length + misstamped.length + leaving.length === 0
}
