import { SyncError } from '../../../shared/sync/protocol/errors'
import { CURSOR_EXPIRY_MS, PULL_MAX_LIMIT, RESCANS_IN_A_ROW, RESCAN_PAUSE_MS, RESCAN_WINDOW_MS } from '../../../shared/sync/protocol/limits'
import type { PullResponse } from '../../../shared/sync/protocol/types'
import type { BootstrapState, CursorState } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { announceReceived } from './announce-received'
import { runBootstrap, type StartOver } from './bootstrap'
import type { ChangeApplier } from './change-applier'
import { BEFORE_RESTORE, epochOf, type CursorManager } from '../progress/cursor-manager'
import { PageTaker } from './page-taker'
import { pullPage } from './remote-pages'
import { ASKED_FOR } from './rescan-reasons'
import { readWishes } from '../progress/refetch-wishes'
import { sweepWalked } from './rescan-sweep'
import type { RecordName } from '../records/record-name'
import { storedRows } from '../records/stored-rows'

export interface CatchUpOptions {
  context: EngineContext
  applier: ChangeApplier
  cursors: CursorManager
  /** How far a bootstrap or rescan is: 0 to 1, and the rows so far. Null: none is under way. */
  onProgress: (progress: { value: number, pulled: number } | null) => void
  /** Edits may have been added to the outbox again. */
  onQueued: () => void
  /** Resolves when the push under way, if any, is answered or has failed. */
  whenPushAnswered: () => Promise<void>
}

/**
 * Brings this device to the store's latest version: by a bootstrap or rescan, by fetching added tables, and by following the feed from the
 * cursor. It can be stopped after any page, and goes on there later.
 */
export class CatchUp {
  /** When recent rescans began that the app had not asked for, in epoch milliseconds. */
  #rescans: number[] = []
  /** How many pulls have begun. */
  #pulls = 0
  /** Those who wait for a pull after the first `after`. */
  readonly #waiting = new Set<{ after: number, resolve: () => void }>()

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
    const turn = ++this.#pulls
    const pages = new PageTaker({ applier, cursors })
    for (;;) {
      const { epoch } = cursors.state
      const cursor = pages.position
      const mark = context.heard.current
      const page: PullResponse = await pullPage(context, signal, { cursor, limit: PULL_MAX_LIMIT, ...(mark === undefined ? {} : { mark }) })
      signal.throwIfAborted()
      if (page.epoch !== undefined && epoch !== undefined && page.epoch !== epoch) return await this.#rescanAndPull(signal, 'epoch')
      // A latest version below our cursor means that the store was restored, even if its epoch is the same.
      const isRestored = page.restored || (page.latestVersion !== undefined && page.latestVersion < cursor)
      if (page.requiresRescan) return await this.#rescanAndPull(signal, isRestored ? 'epoch' : 'history gap')
      announceReceived(context, page.changes)
      await pages.take({ changes: page.changes, upTo: page.nextCursor, hasMore: page.hasMore, epoch: page.epoch ?? epoch, heard: { mark: page.mark, asked: mark } })
      signal.throwIfAborted()
      if (!page.hasMore) return this.#isLevel(turn)
    }
  }

  /** Resolves when a pull that begins from now on has reached the store's latest version, and is applied. `signal`: rejects with its reason. */
  async whenLevel(signal: AbortSignal): Promise<void> {
    const after = this.#pulls
    await new Promise<void>((resolve, reject) => {
      const waiting = { after, resolve: () => {
        signal.removeEventListener('abort', stopped)
        resolve()
      } }
      const stopped = () => {
        this.#waiting.delete(waiting)
        reject(signal.reason as Error)
      }
      this.#waiting.add(waiting)
      signal.addEventListener('abort', stopped, { once: true })
      if (signal.aborted) stopped()
    })
  }

  #isLevel(turn: number): void {
    for (const waiting of this.#waiting) {
      if (turn <= waiting.after) continue
      this.#waiting.delete(waiting)
      waiting.resolve()
    }
  }

  /**
   * The next `run` fetches everything again and keeps local edits. Rows that the store no longer has are removed, or queued again after a
   * restore.
   *
   * @throws SyncError `SERVER_ERROR` after three rescans within a minute: a store that asks for them in a loop must not be flooded.
   */
  async askRescan(reason: string): Promise<BootstrapState> {
    // The app may ask as often as it likes.
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

  /** Tables to be fetched in full: those that the app has added, and those that somebody wants again. */
  async #due(): Promise<string[]> {
    const { context, cursors } = this.options
    const [{ tables }, wishes] = [await cursors.stored(), await readWishes(context.db)]
    const wished = [...wishes.tables, ...context.canWrite() ? wishes.asWriter : []]
    return Object.keys(context.schema.tables).filter(name => !tables.includes(name) || wished.includes(name))
  }

  /** What becomes of local rows that the store lacks, when these tables are fetched in full. */
  async #sweepOf(tables: readonly string[]): Promise<BootstrapState['sweep']> {
    const { context: { db }, cursors } = this.options
    const [{ epochs = {} }, { asWriter }] = [await cursors.stored(), await readWishes(db)]
    // The app had this table before. Rows may have been deleted elsewhere while nobody here followed it.
    for (const name of tables) if (epochs[name] !== undefined || asWriter.includes(name) || await storedRows(db, name).count() > 0) return 'remove'
    return 'none'
  }

  /**
   * Tries quarantined changes again. They may fit by now: the app's schema has changed, or a row is no longer excluded. `records`: tries only
   * those of these records.
   */
  async #retryQuarantine(records?: readonly RecordName[]): Promise<void> {
    const { context, applier } = this.options
    const { sync_quarantine } = context.db
    const found = records ? await sync_quarantine.bulkGet([...records]) : await sync_quarantine.toArray()
    const waiting = found.filter(record => record !== undefined)
    if (waiting.length) await applier.apply(waiting.map(({ tableName, pk, change }) => ({ tableName, pk, ...change })), { wereSetAside: true })
  }

  /** Tries quarantined changes again. @returns whether tables are to be fetched in full, which takes a whole catch-up. */
  async lookAgain(records?: readonly RecordName[]): Promise<boolean> {
    await this.#retryQuarantine(records)
    return (await this.#due()).length > 0
  }

  async #begin(kind: BootstrapState['kind'], reason: string, tables: string[], sweep: BootstrapState['sweep']): Promise<BootstrapState> {
    const { context: { env }, applier, cursors } = this.options
    const replaced = await cursors.bootstrap()
    const state: BootstrapState = {
      id: 'bootstrap', walkId: env.uuid(), kind, reason, target: 0, began: cursors.state.cursor, position: 0, direction: 'desc', tables, pulled: 0, startedAt: env.clock.now(),
      // The walk that this one replaces has met a restored store. Lost rows have to be queued again by this one, too.
      sweep: replaced?.sweep === 'requeue' ? 'requeue' : sweep,
    }
    // Stored before the first request, because from now on every push is noted for the sweep.
    await applier.apply([], { walk: { step: 'begin', state }, cursor: { consistent: false } })
    return state
  }

  /**
   * Continues a stored walk. Tables that this version of the app lacks are left out: the cursor does not cover them, so a version that has them
   * fetches them.
   */
  async #resume(signal: AbortSignal, open: BootstrapState): Promise<void> {
    const { context, applier } = this.options
    const state = { ...open, tables: open.tables.filter(name => Object.hasOwn(context.schema.tables, name)) }
    if (state.tables.length) await this.#walk(signal, state)
    else await applier.apply([], { walk: { step: 'end', state }, cursor: {} })
  }

  async #walk(signal: AbortSignal, open: BootstrapState): Promise<void> {
    const { context, applier, cursors, onProgress } = this.options
    const { hooks, scope } = context
    // For the app, fetching an added table is a rescan: the bootstrap is over.
    const isRescan = open.kind !== 'bootstrap'
    if (isRescan) hooks.doAction('sync.rescan:action:starting', { scope, reason: open.reason })
    else hooks.doAction('sync.bootstrap:action:start', { scope })
    onProgress({ value: progressOf(open, true), pulled: open.pulled })
    let end: BootstrapState | StartOver
    try {
      end = await runBootstrap({ context, applier, signal, cursor: cursors.state.cursor, onPage: (page, { hasMore }) => this.#progress(page, hasMore) }, open)
      if (typeof end === 'object') await this.#end(signal, end)
    }
    catch (error) {
      if (!signal.aborted && !isRescan) hooks.doAction('sync.bootstrap:action:error', { scope, error: error as Error })
      throw error
    }
    finally {
      onProgress(null)
    }
    if (typeof end === 'string') await this.#rescan(signal, end)
  }

  async #end(signal: AbortSignal, state: BootstrapState): Promise<void> {
    const { context, applier, cursors, whenPushAnswered, onQueued } = this.options
    const { hooks, scope, env } = context
    // The answer to a push that was sent before the first page shows rows as of then. They may have been deleted since, at a version that is not
    // read again after this walk.
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

/** The cursor after a walk: where the feed goes on. */
function endOf(before: CursorState, { kind, target, began = 0, epoch = before.epoch, tables, sweep }: BootstrapState): Omit<CursorState, 'id' | 'lastSyncAt' | 'walks'> {
  const epochs: [string, string | undefined][] = [...before.tables.map((name): [string, string | undefined] => [name, epochOf(before, name)]), ...tables.map((name): [string, string | undefined] => [name, epoch])]
  const known = Object.fromEntries(epochs.filter((entry): entry is [string, string] => entry[1] !== undefined))
  // Added tables join a cursor that has its own place in the feed. A tab that lacks them may have moved it on since the walk began: then it goes
  // back, and those changes are read again. `began` counts as well, because without a latest version from the provider `target` may be too low.
  const place = kind === 'tables'
    ? { cursor: Math.min(before.cursor, Math.max(target, began)), epoch: before.epoch, tables: [...new Set([...before.tables, ...tables])] }
    : { cursor: target, epoch, tables }
  // The store was restored, perhaps without a new epoch. Tables that this version of the app lacks are marked: they are compared with the store
  // when they are back.
  const others = sweep === 'requeue' ? Object.keys(before.epochs ?? {}).filter(name => !tables.includes(name)).map(name => [name, BEFORE_RESTORE]) : []
  return { ...place, ...(sweep === 'requeue' ? { wasRestored: true as const } : {}), epochs: { ...before.epochs, ...Object.fromEntries(others) as Record<string, string>, ...known }, firstSyncDone: true }
}

/** The share of versions walked so far. Old versions may be long gone, so the walk may end early. The value never goes back. */
function progressOf({ direction, isDirectionKnown, target, position }: BootstrapState, hasMore: boolean): number {
  if (!hasMore) return 1
  if (isDirectionKnown && direction === 'desc') return target > 0 ? Math.min(1, Math.max(0, (target - position) / target)) : 0
  return 0
}
