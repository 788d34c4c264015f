import { SyncError } from '../../../shared/sync/protocol/errors'
import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import type { SyncChange } from '../../../shared/sync/protocol/types'
import { applyTransaction } from '../records/apply-transaction'
import type { BootstrapState, CursorState, PushedState } from '../records/engine-records'
import { isEmpty } from '../records/is-empty'
import type { EngineContext } from '../context/engine-context'
import { keysOf } from '../queue/outbox-store'
import { OutboxView } from '../queue/outbox-view'
import { checkChanges } from './check-changes'
import type { ConflictResolver } from '../merge/conflict-resolver'
import type { CursorManager } from '../progress/cursor-manager'
import { setDoubtfulAside, splitDoubtful } from '../merge/doubtful-changes'
import { nothingMerged, type MergeOutcome } from '../merge/merge-outcome'
import type { RecentOpCache } from '../progress/recent-op-cache'
import { areAnswered, lastWaiting } from '../progress/edits-before-walk'
import { changeWishes } from '../progress/refetch-wishes'
import { readRemoteChanges, withoutUnstorable, type RemoteChange } from '../merge/remote-change'
import { resumeCursor } from '../progress/resume-cursor'
import { clearMarks, markSeen } from '../progress/walk-marks'

/** The commit mark of an answer, and those that its request carried. */
export interface Heard {
  mark?: string
  asked?: string
}

export interface ApplyOptions {
  /** The new cursor, stored with the changes. */
  cursor?: Partial<Omit<CursorState, 'id'>>
  /** For a page of the feed: the version at which it ends. */
  upTo?: number
  /** For a page of the feed, or the pages of a level step: whether the database is level with the store after it. See `SyncStatus.consistent`. */
  isLevel?: boolean
  /** The commit marks of the page. */
  heard?: Heard
  /** Set when the changes belong to a bootstrap or rescan. */
  walk?: WalkStep
  /**
   * The changes come from quarantine. This device's own edit may be among them, when the delete that followed it was refused and discarded: it
   * is not skipped as an echo.
   */
  wereSetAside?: boolean
}

/**
 * - `begin`: a new walk begins. The notes of an earlier one are dropped, and tables that only that one would have fetched are wished for.
 * - `page`: a page of the walk, with its state before (`from`) and after it (`state`).
 * - `end`: the walk is over. Only its cursor stays.
 */
export type WalkStep =
  | { step: 'begin' | 'end', state: BootstrapState }
  | { step: 'page', from: BootstrapState, state: BootstrapState }

export interface ChangeApplierOptions {
  context: EngineContext
  resolver: ConflictResolver
  cursors: CursorManager
  echoes: RecentOpCache
  /** Whether the store may have an edit of the record that still waits here. */
  isUnanswered: (key: string) => boolean
  /** Edits were added to the outbox again. */
  onQueued: () => void
  /** Everything up to this version of the store is applied. */
  onReached: (version: number) => void
  /** `countsChanged`: there are new conflicts, or the quarantine may have changed. */
  onApplied: (countsChanged: boolean) => void
}

/**
 * Applies pages, one at a time. Changes, conflicts and the new cursor of a page commit together, so that the cursor never
 * passes a change that was neither applied nor quarantined.
 */
export class ChangeApplier {
  #queue: Promise<unknown> = Promise.resolve()
  /** Whether changes in quarantine may wait for the answer to a push. */
  #hasDoubtful = false

  constructor(private readonly options: ChangeApplierOptions) {}

  apply(changes: readonly SyncChange[], options: ApplyOptions = {}): Promise<MergeOutcome> {
    return this.#inTurn(() => this.#apply(changes, options))
  }

  /** Applies the changes that waited for the answer to a push. Those without an answer wait on. */
  async retryDoubtful(): Promise<void> {
    if (!this.#hasDoubtful) return
    await this.#inTurn(async () => {
      this.#hasDoubtful = false
      const waiting = await this.options.context.db.sync_quarantine.where('reason').equals('unanswered').toArray()
      if (waiting.length) await this.#apply(waiting.map(({ tableName, pk, change }) => ({ tableName, pk, ...change })), { wereSetAside: true })
    })
  }

  /** Stores something about the reading of the feed, without any changes. */
  async note(change: Pick<CursorState, 'consistent' | 'cutOffs'>): Promise<void> {
    await this.apply([], { cursor: change })
  }

  /** From now on the database may hold a part of what the store holds. Stored, and told to all tabs, before the first such part is. */
  async beginPart(): Promise<void> {
    if (this.options.cursors.state.consistent) await this.note({ consistent: false })
  }

  /** Stores a cursor that has moved in memory only. */
  async storeCursor(): Promise<void> {
    const { cursors } = this.options
    if (!cursors.isAhead) return
    await this.apply([], { cursor: { cursor: cursors.state.cursor, firstSyncDone: cursors.state.firstSyncDone } })
  }

  /** Resolves when everything handed in so far is applied or has failed. */
  async idle(): Promise<void> {
    await this.#queue
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => {})
    return turn
  }

  async #apply(changes: readonly SyncChange[], { isLevel, heard, walk, wereSetAside = false, ...options }: ApplyOptions): Promise<MergeOutcome> {
    const { context, cursors, echoes } = this.options
    checkChanges(changes)
    // The store was restored, or an edit was given up here: an own edit that comes may bring back a row that is gone.
    if (walk?.step === 'begin') echoes.clear()
    // A walk skips no echoes, either.
    const foreign = walk || wereSetAside ? changes : changes.filter(change => !echoes.isEcho(change))
    const remote = readRemoteChanges(context, foreign)
    for (const change of remote) context.hlc.receive(change.stamp.hlc)

    const cursor = options.cursor && { ...options.cursor, ...newLevel(cursors.state, isLevel) }
    if (!remote.length && !walk && isOnlyPosition(cursor)) {
      const passed = this.#pass(changes.length, cursor!.cursor!, heard)
      this.options.onReached(cursors.state.cursor)
      return passed
    }

    const { outcome, state, hadQuarantine } = await this.#commitStorable(remote, changes, { ...options, cursor, heard, walk, wereSetAside })
    cursors.adopt(state, { mayGoBack: walk?.step === 'end' })
    this.#announce(changes.length, outcome)
    this.options.onReached(cursors.state.cursor)
    if (outcome.requeued) this.options.onQueued()
    this.options.onApplied(hadQuarantine || outcome.conflicts.length + outcome.quarantined.length > 0)
    return outcome
  }

  /** Values that IndexedDB cannot store are looked for only after storing has failed, because looking takes as long as storing. */
  async #commitStorable(remote: readonly RemoteChange[], changes: readonly SyncChange[], options: ApplyOptions) {
    try { return await this.#commit(remote, changes, options) }
    catch (error) {
      const storable = remote.map(withoutUnstorable)
      if (storable.every((change, index) => change === remote[index])) throw error
      return await this.#commit(storable, changes, options)
    }
  }

  /** Everything a page changes, in one transaction. */
  async #commit(remote: readonly RemoteChange[], changes: readonly SyncChange[], { cursor, upTo, heard, walk, wereSetAside = false }: ApplyOptions) {
    const { context, resolver, cursors } = this.options
    const { db, outbox } = context
    const names = new Set(remote.map(change => change.tableName))
    const ends = walk?.step === 'end'
    const tables = names.size
      ? [...names, ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones, ENGINE_TABLES.conflicts, ENGINE_TABLES.quarantine, ENGINE_TABLES.state]
      : [ENGINE_TABLES.state, ...(ends || cursor?.consistent ? [ENGINE_TABLES.pendingOps] : [])]
    return await applyTransaction(db, tables, async () => {
      const [stored, view, nothingAside, pushed] = await Promise.all([
        cursors.stored(), remote.length ? outbox.view(keysOf(remote)) : new OutboxView([]), remote.length ? isEmpty(db.sync_quarantine.toCollection()) : true,
        ends ? db.sync_state.get('pushed') as PromiseLike<PushedState | undefined> : undefined,
      ])
      await cursors.checkWalk(stored, walk && placeOf(walk))
      // While this tab was frozen with the page in its hands, another tab applied it. So its changes are skipped: the tombstones that would keep
      // deleted rows from coming back may have been collected since.
      const isOld = upTo !== undefined && upTo <= stored.cursor
      const { clear, doubtful } = splitDoubtful(isOld ? [] : remote, view, this.options.isUnanswered)
      if (doubtful.length) this.#hasDoubtful = true
      const replaced = doubtful.length ? await setDoubtfulAside(context, doubtful, view, { wereSetAside }) : []
      const outcome = clear.length ? await resolver.merge(clear, view, { hasQuarantine: !nothingAside, hasUnconfirmed: stored.hasUnconfirmed === true, wereSetAside, mayBePurged: !wereSetAside && !mayBeRestored(stored, walk, cursor) }) : nothingMerged()
      outcome.skipped += changes.length - clear.length
      outcome.conflicts.push(...replaced)
      // Saved first, because these changes may be the answer to the last edit that had to come before the database is level.
      await outbox.save(view)
      const { consistent, ...place } = cursor ?? {}
      const level = consistent && ((upTo ?? Infinity) < stored.cursor || !await this.#mayBeLevel(stored)) ? {} : levelOf(consistent)
      const last = context.hlc.last()
      const [state] = await Promise.all([
        cursors.write(stored, { lastSyncAt: context.env.clock.now(), ...place, ...level, ...(ends ? { answersUntil: await lastWaiting(db) } : {}), ...(ends ? { walks: (stored.walks ?? 0) + 1, ...resumeAt(cursor, pushed) } : {}) }, { mayGoBack: ends }),
        remote.length && last ? db.sync_state.put({ id: 'hlc', hlc: last }) : null,
        walk ? this.#walk(changes, walk) : Promise.all([context.heard.note(db, heard?.mark, heard?.asked), wereSetAside || this.#markForOthers(changes)]),
      ])
      return { outcome, state, hadQuarantine: !nothingAside }
    })
  }

  /**
   * Whether the database is level after the store's latest page. It is not while edits from before a walk have no answer, nor while another tab is on
   * a walk, which can only be without Web Locks.
   */
  async #mayBeLevel({ answersUntil }: CursorState): Promise<boolean> {
    const { db, env, schema } = this.options.context
    if (answersUntil && !await areAnswered(db, answersUntil, name => Object.hasOwn(schema.tables, name))) return false
    return env.locks !== null || await db.sync_state.get('bootstrap') === undefined
  }

  /** Without Web Locks, another tab may be on a walk. It must not remove rows that arrive here from the store meanwhile, so they are marked as seen. */
  async #markForOthers(changes: readonly SyncChange[]): Promise<void> {
    const { db, env } = this.options.context
    if (env.locks || !changes.length) return
    const walk = await db.sync_state.get('bootstrap') as BootstrapState | undefined
    if (walk && walk.sweep !== 'none') await markSeen(db, env, changes)
  }

  /** Stores where the walk stands, and what the sweep at its end has to know. */
  async #walk(changes: readonly SyncChange[], { step, state }: WalkStep): Promise<void> {
    const { db, env, heard } = this.options.context
    if (step !== 'page') await clearMarks(db)
    if (step === 'end') {
      await heard.note(db, state.mark, undefined)
      return await db.sync_state.bulkDelete(['bootstrap', 'pushed'])
    }
    if (step === 'begin') {
      // The store was restored: commit marks from before no longer apply.
      if (state.sweep === 'requeue') await heard.forget(db)
      const replaced = await db.sync_state.get('bootstrap') as BootstrapState | undefined
      await changeWishes(db, { add: replaced?.tables, end: state.tables })
    }
    else if (state.sweep !== 'none') await markSeen(db, env, changes)
    await db.sync_state.put(state)
  }

  /** The page has only echoes of our own edits. Nothing is written, and the cursor moves in memory until it is stored later. */
  #pass(skipped: number, cursor: number, heard: Heard | undefined): MergeOutcome {
    const { context, cursors } = this.options
    context.heard.pass(heard?.mark, heard?.asked)
    cursors.pass(cursor, context.env.clock.now())
    const outcome = { ...nothingMerged(), skipped }
    this.#announce(skipped, outcome)
    this.options.onApplied(false)
    return outcome
  }

  #announce(changeCount: number, outcome: MergeOutcome): void {
    const { hooks, scope } = this.options.context
    if (changeCount) hooks.doAction('sync.pull:action:applied', { scope, applied: outcome.applied, skipped: outcome.skipped, conflicts: outcome.conflicts.length })
    for (const { tableName, pk, local, remote: other, winner } of outcome.conflicts) {
      hooks.doAction('sync.conflict:action:detected', { tableName, pk, local, remote: other, winner })
    }
    for (const { tableName, pk, error } of outcome.quarantined) {
      const message = `a change of ${tableName} "${pk}" fails this app's schema and waits in quarantine: ${error}`
      hooks.doAction('sync.error:action', { error: new SyncError('VALIDATION_ERROR', message), code: 'VALIDATION_ERROR', permanent: true })
    }
  }
}

/** Whether the store may have been restored since this device last compared everything with it. Then it may have lost deletes, of any age. */
function mayBeRestored({ epoch: known }: CursorState, walk: WalkStep | undefined, cursor: Partial<CursorState> | undefined): boolean {
  const epoch = walk ? walk.state.epoch : cursor?.epoch
  return walk?.state.sweep === 'requeue' || (epoch !== undefined && known !== undefined && epoch !== known)
}

/** The state that must be stored for this step. Any other shows that another tab has overtaken the walk. */
function placeOf(walk: WalkStep): BootstrapState | undefined {
  if (walk.step === 'begin') return undefined
  return walk.step === 'page' ? walk.from : walk.state
}

/** What changes in the cursor's record by `isLevel`. */
function newLevel({ consistent = false, cutOffs }: CursorState, isLevel: boolean | undefined): Pick<CursorState, 'consistent' | 'cutOffs'> {
  return { ...(isLevel === undefined || isLevel === consistent ? {} : { consistent: isLevel }), ...(isLevel && cutOffs ? { cutOffs: 0 } : {}) }
}

/** With `consistent`, nothing is to be waited for any more. */
function levelOf(consistent: boolean | undefined): Pick<CursorState, 'consistent' | 'answersUntil'> {
  if (consistent === undefined) return {}
  return { consistent, ...(consistent ? { answersUntil: undefined } : {}) }
}

function isOnlyPosition(cursor: ApplyOptions['cursor']): boolean {
  return cursor?.cursor !== undefined && Object.keys(cursor).length === 1
}

function resumeAt(cursor: ApplyOptions['cursor'], pushed: PushedState | undefined): Pick<Partial<CursorState>, 'cursor' | 'walkedTo'> {
  if (cursor?.cursor === undefined) return {}
  const walkedTo = resumeCursor(cursor.cursor, pushed?.from)
  return { cursor: walkedTo, walkedTo }
}
