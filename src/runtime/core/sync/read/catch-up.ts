import { SyncError } from '../../../shared/sync/errors'
import { CURSOR_EXPIRY_MS, PULL_MAX_LIMIT } from '../../../shared/sync/limits'
import type { PullResponse } from '../../../shared/sync/types'
import type { BootstrapState, CursorState } from '../database/engine-records'
import type { EngineContext } from '../engine-context'
import { runBootstrap } from './bootstrap'
import type { ChangeApplier } from './change-applier'
import type { CursorManager } from './cursor-manager'
import { pullPage } from './remote-pages'
import { requeueMissing, sweepMissing } from './rescan-sweep'

/** More rescans than this within the window are a loop. */
const RESCANS_IN_A_ROW = 3
const RESCAN_WINDOW_MS = 60_000
const RESCAN_PAUSE_MS = 10_000

export interface CatchUpOptions {
  context: EngineContext
  applier: ChangeApplier
  cursors: CursorManager
  /** How far a bootstrap or rescan is: 0 to 1, and rows so far; null: none is under way. */
  onProgress: (progress: { value: number, pulled: number } | null) => void
  /** Edits may have been queued again. */
  onQueued: () => void
  /** Resolves when the push under way, if any, is answered or has failed. */
  pushLanded: () => Promise<void>
}

/**
 * Brings this device to the store's latest version: bootstrap, rescan, tables added since, and the feed from the cursor up.
 * Everything it does can stop at any page and go on later.
 */
export class CatchUp {
  /** When rescans began, lately. */
  #rescans: number[] = []

  constructor(private readonly options: CatchUpOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    const { context, applier, cursors } = this.options
    const state = await cursors.load()
    await this.#retryQuarantine()
    const names = Object.keys(context.schema.tables)
    // A table that is dropped and comes back later is fetched again.
    const known = state.tables.filter(name => names.includes(name))
    if (known.length < state.tables.length) await applier.apply([], { cursor: { tables: known, dropped: withDropped(state, known) } })
    const open = await cursors.bootstrap()
    if (open) await this.#bootstrap(signal, { ...open, tables: open.tables.filter(name => names.includes(name)) })
    else if (!state.firstSyncDone) await this.#bootstrap(signal, this.#begin('bootstrap', 'first sync', names, 'none'))
    else if (context.env.clock.now() - state.lastSyncAt > CURSOR_EXPIRY_MS) await this.rescan(signal, 'expired')
    const added = names.filter(name => !cursors.state.tables.includes(name))
    // Rows of a table that was here before may have been deleted elsewhere while nobody listened for it.
    if (added.length) await this.#bootstrap(signal, this.#begin('tables', `new tables: ${added.join(', ')}`, added, await this.#sweepOf(added)))
    await this.pull(signal)
  }

  /** Follows the feed upward from the cursor until there is no more. */
  async pull(signal: AbortSignal): Promise<void> {
    const { context, applier, cursors } = this.options
    for (;;) {
      const { cursor, epoch } = cursors.state
      const page: PullResponse = await pullPage(context, signal, { cursor, limit: PULL_MAX_LIMIT })
      signal.throwIfAborted()
      if (page.epoch !== undefined && epoch !== undefined && page.epoch !== epoch) return await this.rescan(signal, 'epoch')
      // A store that has gone back was restored, whether or not it names its epochs.
      if (page.requiresRescan) return await this.rescan(signal, page.latestVersion !== undefined && page.latestVersion < cursor ? 'epoch' : 'history gap')
      if (page.changes.length) context.hooks.doAction('sync.pull:action:received', { scope: context.scope, changeCount: page.changes.length })
      await applier.apply(page.changes, { cursor: { cursor: Math.max(cursor, page.nextCursor), epoch: page.epoch ?? epoch } })
      signal.throwIfAborted()
      if (!page.hasMore) return
    }
  }

  /**
   * Fetches everything again, keeps local edits, and removes what the store no longer has.
   *
   * @throws SyncError `SERVER_ERROR` when it was done just before: a store that asks for it again and again is left in peace.
   */
  async rescan(signal: AbortSignal, reason: string): Promise<void> {
    const { context } = this.options
    const now = context.env.clock.now()
    this.#rescans = this.#rescans.filter(at => Math.abs(now - at) < RESCAN_WINDOW_MS)
    if (this.#rescans.length >= RESCANS_IN_A_ROW) {
      throw new SyncError('SERVER_ERROR', `the store asks for one rescan after the other (${reason})`, { retryAfter: RESCAN_PAUSE_MS })
    }
    this.#rescans.push(now)
    await this.#bootstrap(signal, this.#begin('rescan', reason, Object.keys(context.schema.tables), reason === 'epoch' ? 'requeue' : 'remove'))
    await this.pull(signal)
  }

  /** What becomes of rows that the store does not have, of tables that are fetched again. */
  async #sweepOf(tables: readonly string[]): Promise<BootstrapState['sweep']> {
    const { context: { db }, cursors: { state: { dropped = {}, epoch = '' } } } = this.options
    if (tables.some(name => dropped[name] !== undefined && dropped[name] !== epoch)) return 'requeue'
    for (const name of tables) if (await db.table(name).count() > 0) return 'remove'
    return 'none'
  }

  /** What could not be applied may fit by now: the app's schema has changed, or a row is no longer excluded. */
  async #retryQuarantine(): Promise<void> {
    const { context, applier } = this.options
    const waiting = await context.db.sync_quarantine.toArray()
    if (waiting.length) await applier.apply(waiting.map(({ tableName, pk, change }) => ({ tableName, pk, ...change })))
  }

  /** What was left out may count by now. @returns whether tables are to be fetched, which takes a whole catch-up. */
  async lookAgain(): Promise<boolean> {
    const { context, cursors } = this.options
    await this.#retryQuarantine()
    const { tables } = await cursors.stored()
    return Object.keys(context.schema.tables).some(name => !tables.includes(name))
  }

  #begin(kind: BootstrapState['kind'], reason: string, tables: string[], sweep: BootstrapState['sweep']): BootstrapState {
    return { id: 'bootstrap', kind, reason, target: 0, position: 0, direction: 'desc', tables, pulled: 0, startedAt: this.options.context.env.clock.now(), sweep }
  }

  async #bootstrap(signal: AbortSignal, open: BootstrapState): Promise<void> {
    const { context, applier, cursors, onProgress } = this.options
    const { hooks, scope } = context
    // To the app a table that is fetched later is a rescan: it has bootstrapped before.
    const isRescan = open.kind !== 'bootstrap'
    const sweeps = open.sweep !== 'none'
    if (isRescan) hooks.doAction('sync.rescan:action:starting', { scope, reason: open.reason })
    else hooks.doAction('sync.bootstrap:action:start', { scope })
    onProgress({ value: progressOf(open, true), pulled: open.pulled })
    try {
      // Stored before the first request: from here on what we push is noted.
      await applier.apply([], { bootstrap: open, begins: open.target === 0 })
      const state = await runBootstrap({ context, applier, signal, onPage: (page, { hasMore }) => this.#progress(page, hasMore) }, open)
      // A push sent before the first page is answered as of then: what it brings may have been deleted below the walk's target.
      await this.options.pushLanded()
      signal.throwIfAborted()
      const sweep = { tables: state.tables, checkWalk: () => cursors.checkWalk() }
      const { epoch } = cursors.state
      // A restored store may first be noticed by its lower versions. Whatever the rescan was for: nothing is removed then.
      const isReplaced = epoch !== undefined && state.epoch !== undefined && state.epoch !== epoch
      if (sweeps) {
        if (state.sweep === 'remove' && !isReplaced) await sweepMissing(context, sweep)
        else await requeueMissing(context, sweep)
        this.options.onQueued()
      }
      const cursor = state.target
      const tables = state.kind === 'tables' ? [...cursors.state.tables, ...state.tables] : state.tables
      await applier.apply([], { bootstrap: null, cursor: {
        // Tables added later are brought level with a cursor that has its own place in the feed.
        cursor: state.kind === 'tables' ? cursors.state.cursor : cursor,
        epoch: state.kind === 'tables' ? epoch : state.epoch ?? epoch,
        tables,
        dropped: Object.fromEntries(Object.entries(withDropped(cursors.state, tables)).filter(([name]) => !tables.includes(name))),
        firstSyncDone: true,
      } })
      if (isRescan) hooks.doAction('sync.rescan:action:completed', { scope })
      else hooks.doAction('sync.bootstrap:action:complete', { scope, cursor, totalPulled: state.pulled, elapsedMs: context.env.clock.now() - state.startedAt })
    }
    catch (error) {
      if (!signal.aborted && !isRescan) hooks.doAction('sync.bootstrap:action:error', { scope, error: error as Error })
      throw error
    }
    finally {
      onProgress(null)
    }
  }

  #progress(state: BootstrapState, hasMore: boolean): void {
    const { context, onProgress } = this.options
    const { hooks, scope } = context
    const value = progressOf(state, hasMore)
    onProgress({ value, pulled: state.pulled })
    if (state.kind !== 'bootstrap') hooks.doAction('sync.rescan:action:progress', { scope, progress: value })
    else hooks.doAction('sync.bootstrap:action:progress', { scope, cursor: state.position, pulledCount: state.pulled, hasMore })
  }
}

function withDropped({ dropped, tables, epoch = '' }: CursorState, known: readonly string[]): Record<string, string> {
  return { ...Object.fromEntries(tables.filter(name => !known.includes(name)).map(name => [name, epoch])), ...dropped }
}

/** Versions walked, of those there are. Old versions may be long gone, so it may end early; it never goes back. */
function progressOf({ direction, target, position }: BootstrapState, hasMore: boolean): number {
  if (!hasMore) return 1
  if (direction === 'desc') return target > 0 ? Math.min(1, Math.max(0, (target - position) / target)) : 0
  return 0
}
