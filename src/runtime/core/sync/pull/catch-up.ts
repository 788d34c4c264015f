import { SyncError } from '../../../shared/sync/protocol/errors'
import { CURSOR_EXPIRY_MS, PULL_MAX_LIMIT } from '../../../shared/sync/protocol/limits'
import type { PullResponse } from '../../../shared/sync/protocol/types'
import type { BootstrapState, CursorState } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { announceReceived } from './announce-received'
import { runBootstrap } from './bootstrap'
import type { ChangeApplier } from './change-applier'
import { BEFORE_RESTORE, epochOf, type CursorManager } from '../progress/cursor-manager'
import { pullPage } from './remote-pages'
import { ASKED_FOR } from './rescan-reasons'
import { readWishes } from '../progress/refetch-wishes'
import { sweepWalked } from './rescan-sweep'
import type { RecordName } from '../records/record-key'
import { storedRows } from '../records/stored-rows'

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
  whenPushAnswered: () => Promise<void>
}

/**
 * Brings this device to the store's latest version: bootstrap, rescan, tables added since, and the feed from the cursor up.
 * Everything it does can stop at any page and go on later.
 */
export class CatchUp {
  /** When rescans began that nobody asked for, lately. */
  #rescans: number[] = []

  constructor(private readonly options: CatchUpOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    const { context, cursors } = this.options
    const state = await cursors.load()
    await this.#retryQuarantine()
    const names = Object.keys(context.schema.tables)
    const open = await cursors.bootstrap()
    if (open) await this.#resume(signal, open)
    else if (!state.firstSyncDone) await this.#walk(signal, await this.#begin('bootstrap', 'first sync', names, 'none'))
    else if (context.env.clock.now() - state.lastSyncAt > CURSOR_EXPIRY_MS) await this.#rescan(signal, 'expired')
    const due = await this.#due()
    if (due.length) await this.#walk(signal, await this.#begin('tables', `tables: ${due.join(', ')}`, due, await this.#sweepOf(due)))
    await this.pull(signal)
  }

  /** Follows the feed upward from the cursor until there is no more. */
  async pull(signal: AbortSignal): Promise<void> {
    const { context, applier, cursors } = this.options
    for (;;) {
      const { cursor, epoch } = cursors.state
      const mark = context.heard.current
      const page: PullResponse = await pullPage(context, signal, { cursor, limit: PULL_MAX_LIMIT, ...(mark === undefined ? {} : { mark }) })
      signal.throwIfAborted()
      if (page.epoch !== undefined && epoch !== undefined && page.epoch !== epoch) return await this.#rescanAndPull(signal, 'epoch')
      // A store that has gone back was restored, whether or not it names its epochs.
      const isRestored = page.restored || (page.latestVersion !== undefined && page.latestVersion < cursor)
      if (page.requiresRescan) return await this.#rescanAndPull(signal, isRestored ? 'epoch' : 'history gap')
      announceReceived(context, page.changes)
      await applier.apply(page.changes, { cursor: { cursor: Math.max(cursor, page.nextCursor), epoch: page.epoch ?? epoch }, upTo: page.nextCursor, heard: { mark: page.mark, asked: mark } })
      signal.throwIfAborted()
      if (!page.hasMore) return
    }
  }

  /**
   * The next `run` fetches everything again, keeps local edits, and removes what the store no longer has.
   *
   * @throws SyncError `SERVER_ERROR` when it was done just before: a store that asks for it again and again is left in peace.
   */
  async askRescan(reason: string): Promise<BootstrapState> {
    // However often the app asks: it is no loop.
    if (reason !== ASKED_FOR) this.#noteRescan(reason)
    return await this.#begin('rescan', reason, Object.keys(this.options.context.schema.tables), reason === 'epoch' ? 'requeue' : 'remove')
  }

  #noteRescan(reason: string): void {
    const now = this.options.context.env.clock.now()
    this.#rescans = this.#rescans.filter(at => Math.abs(now - at) < RESCAN_WINDOW_MS)
    if (this.#rescans.length >= RESCANS_IN_A_ROW) {
      throw new SyncError('SERVER_ERROR', `the store asks for one rescan after the other (${reason})`, { retryAfter: RESCAN_PAUSE_MS })
    }
    this.#rescans.push(now)
  }

  async #rescan(signal: AbortSignal, reason: string): Promise<void> {
    await this.#walk(signal, await this.askRescan(reason))
  }

  async #rescanAndPull(signal: AbortSignal, reason: string): Promise<void> {
    await this.#rescan(signal, reason)
    await this.pull(signal)
  }

  /** Tables that this version of the app has and that are to be fetched in full: new ones, and those somebody wants again. */
  async #due(): Promise<string[]> {
    const { context, cursors } = this.options
    const [{ tables }, wishes] = [await cursors.stored(), await readWishes(context.db)]
    const wished = [...wishes.tables, ...context.canWrite() ? wishes.asWriter : []]
    return Object.keys(context.schema.tables).filter(name => !tables.includes(name) || wished.includes(name))
  }

  /** What becomes of rows that the store does not have, of tables that are fetched again. */
  async #sweepOf(tables: readonly string[]): Promise<BootstrapState['sweep']> {
    const { context: { db }, cursors } = this.options
    const [{ epochs = {} }, { asWriter }] = [await cursors.stored(), await readWishes(db)]
    // Rows of a table that was here before may have been deleted elsewhere while nobody listened for it.
    for (const name of tables) if (epochs[name] !== undefined || asWriter.includes(name) || await storedRows(db, name).count() > 0) return 'remove'
    return 'none'
  }

  /** What could not be applied may fit by now: the app's schema has changed, or a row is no longer excluded. `records`: nothing else may. */
  async #retryQuarantine(records?: readonly RecordName[]): Promise<void> {
    const { context, applier } = this.options
    const { sync_quarantine } = context.db
    const found = records ? await sync_quarantine.bulkGet([...records]) : await sync_quarantine.toArray()
    const waiting = found.filter(record => record !== undefined)
    if (waiting.length) await applier.apply(waiting.map(({ tableName, pk, change }) => ({ tableName, pk, ...change })), { wereSetAside: true })
  }

  /** What was left out may count by now. @returns whether tables are to be fetched, which takes a whole catch-up. */
  async lookAgain(records?: readonly RecordName[]): Promise<boolean> {
    await this.#retryQuarantine(records)
    return (await this.#due()).length > 0
  }

  async #begin(kind: BootstrapState['kind'], reason: string, tables: string[], sweep: BootstrapState['sweep']): Promise<BootstrapState> {
    const { context: { env }, applier, cursors } = this.options
    const replaced = await cursors.bootstrap()
    const state: BootstrapState = {
      id: 'bootstrap', walkId: env.uuid(), kind, reason, target: 0, began: cursors.state.cursor, position: 0, direction: 'desc', tables, pulled: 0, startedAt: env.clock.now(),
      // A store that has lost something has lost it, whatever else it is looked at for.
      sweep: replaced?.sweep === 'requeue' ? 'requeue' : sweep,
    }
    // Stored before the first request: from here on what we push is noted.
    await applier.apply([], { walk: { step: 'begin', state } })
    return state
  }

  /** Tables that this version of the app does not have are left to one that has them: the cursor does not speak for them. */
  async #resume(signal: AbortSignal, open: BootstrapState): Promise<void> {
    const { context, applier } = this.options
    const state = { ...open, tables: open.tables.filter(name => Object.hasOwn(context.schema.tables, name)) }
    if (state.tables.length) await this.#walk(signal, state)
    else await applier.apply([], { walk: { step: 'end', state }, cursor: {} })
  }

  async #walk(signal: AbortSignal, open: BootstrapState): Promise<void> {
    const { context, applier, cursors, onProgress } = this.options
    const { hooks, scope } = context
    // To the app a table that is fetched later is a rescan: it has bootstrapped before.
    const isRescan = open.kind !== 'bootstrap'
    if (isRescan) hooks.doAction('sync.rescan:action:starting', { scope, reason: open.reason })
    else hooks.doAction('sync.bootstrap:action:start', { scope })
    onProgress({ value: progressOf(open, true), pulled: open.pulled })
    let state: BootstrapState | null
    try {
      state = await runBootstrap({ context, applier, signal, cursor: cursors.state.cursor, onPage: (page, { hasMore }) => this.#progress(page, hasMore) }, open)
      if (state) await this.#end(signal, state)
    }
    catch (error) {
      if (!signal.aborted && !isRescan) hooks.doAction('sync.bootstrap:action:error', { scope, error: error as Error })
      throw error
    }
    finally {
      onProgress(null)
    }
    if (!state) await this.#rescan(signal, 'epoch')
  }

  async #end(signal: AbortSignal, state: BootstrapState): Promise<void> {
    const { context, applier, cursors, whenPushAnswered, onQueued } = this.options
    const { hooks, scope, env } = context
    // A push sent before the first page is answered as of then: what it brings may have been deleted below the walk's target.
    await whenPushAnswered()
    signal.throwIfAborted()
    if (await sweepWalked(context, cursors, state)) onQueued()
    const cursor = endOf(cursors.state, state)
    await applier.apply([], { walk: { step: 'end', state }, cursor })
    if (state.kind !== 'bootstrap') hooks.doAction('sync.rescan:action:completed', { scope })
    else hooks.doAction('sync.bootstrap:action:complete', { scope, cursor: cursor.cursor, totalPulled: state.pulled, elapsedMs: env.clock.now() - state.startedAt })
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

/** Where the feed goes on once a walk is over. */
function endOf(before: CursorState, { kind, target, began = 0, epoch = before.epoch, tables, sweep }: BootstrapState): Omit<CursorState, 'id' | 'lastSyncAt' | 'walks'> {
  const epochs: [string, string | undefined][] = [...before.tables.map((name): [string, string | undefined] => [name, epochOf(before, name)]), ...tables.map((name): [string, string | undefined] => [name, epoch])]
  const known = Object.fromEntries(epochs.filter((entry): entry is [string, string] => entry[1] !== undefined))
  // Tables added later are brought level with a cursor that has its own place in the feed. A tab that lacks them may have moved it since
  // the walk began: what it passed is read again. A provider that does not tell its latest version may have told of old changes only.
  const place = kind === 'tables'
    ? { cursor: Math.min(before.cursor, Math.max(target, began)), epoch: before.epoch, tables: [...new Set([...before.tables, ...tables])] }
    : { cursor: target, epoch, tables }
  // A restored store need not have another epoch. Tables that this version of the app lacks are compared with it when they are back.
  const others = sweep === 'requeue' ? Object.keys(before.epochs ?? {}).filter(name => !tables.includes(name)).map(name => [name, BEFORE_RESTORE]) : []
  return { ...place, ...(sweep === 'requeue' ? { wasRestored: true as const } : {}), epochs: { ...before.epochs, ...Object.fromEntries(others) as Record<string, string>, ...known }, firstSyncDone: true }
}

/** Versions walked, of those there are. Old versions may be long gone, so it may end early; it never goes back. */
function progressOf({ direction, isDirectionKnown, target, position }: BootstrapState, hasMore: boolean): number {
  if (!hasMore) return 1
  if (isDirectionKnown && direction === 'desc') return target > 0 ? Math.min(1, Math.max(0, (target - position) / target)) : 0
  return 0
}
