import { QUEUE_FULL_OPS } from '../../../shared/sync/protocol/limits'
import type { PageContext } from '../context/engine-context'
import { StatusStore } from '../context/sync-status'
import { QueueCounter, type QueueCounts } from '../face/queue-counter'
import type { SESSION, SessionData } from '../states/engine-states'
import type { StateMachine } from '../states/state-machine'
import type { CapturedOp } from '../records/captured-op'
import type { Leader } from './leader'
import type { LocalStore } from './local-store'
import { sharedStatus } from './shared-status'
import type { SyncParts } from './sync-parts'

export interface StatusPublisherOptions {
  context: PageContext
  store: Pick<LocalStore, 'unusable'>
  session: StateMachine<typeof SESSION, SessionData>
  leader: () => Pick<Leader, 'isHere' | 'state' | 'tell'>
  parts: () => SyncParts | null
}

/** Keeps this tab's status up to date. In the leading tab it also sends the status to the other tabs. */
export class StatusPublisher {
  readonly status: StatusStore
  readonly counter: QueueCounter
  /** The store has answered although the browser says that there is no network. */
  #isReachedOffline = false

  constructor(private readonly options: StatusPublisherOptions) {
    const { db, env } = options.context
    this.status = new StatusStore(env.log)
    this.counter = new QueueCounter({ db, env, onCount: counts => this.#counted(counts) })
  }

  /** This tab has committed edits. */
  committed(ops: readonly CapturedOp[]): void {
    this.counter.committed(ops)
    this.changed()
  }

  /** The outbox, the conflicts or the quarantine changed. `isUrgent`: the counts are wanted at once. */
  changed({ isUrgent = false } = {}): void {
    const isRewritten = this.options.parts()?.context.outbox.takeRewritten() ?? false
    this.options.leader().tell({ type: 'changed', rewritten: isRewritten })
    void this.counter.recount({ isRewritten, isUrgent })
  }

  /** The store has answered. */
  reached(): void {
    if (this.#isReachedOffline || this.options.context.env.isOnline()) return
    this.#isReachedOffline = true
    this.publish()
  }

  /** Updates the status. A tab that does not lead takes it from the messages of the leading tab instead. */
  publish(): void {
    const { context, store, session } = this.options
    const leader = this.options.leader()
    const { state } = session
    const isOnline = context.env.isOnline()
    if (isOnline) this.#isReachedOffline = false
    const running = isRunning(session)
    const otherUser = state.name === 'aside' ? state.error : null
    if (running && !leader.isHere && !otherUser) {
      this.status.update({ isLeader: false })
      return
    }
    const shared = sharedStatus({ work: leader.state, unusable: store.unusable, otherUser, running, online: isOnline || this.#isReachedOffline })
    this.status.update({ ...shared, isLeader: leader.isHere })
    if (leader.isHere) leader.tell({ type: 'status', status: shared })
  }

  #counted(counts: QueueCounts): void {
    const before = this.status.get().pendingCount
    this.status.update(counts)
    if (before < QUEUE_FULL_OPS && counts.pendingCount >= QUEUE_FULL_OPS) this.options.context.hooks.doAction('sync.queue:action:full', { pendingCount: counts.pendingCount })
    this.publish()
  }
}

/** Whether this tab syncs, or would if its user were signed in. */
export function isRunning(session: StateMachine<typeof SESSION, SessionData>): boolean {
  return !session.is('stopped') && !session.is('closed')
}
