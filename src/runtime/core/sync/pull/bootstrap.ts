import { SyncError } from '../../../shared/sync/protocol/errors'
import { isCommitMark } from '../../../shared/sync/protocol/commit-marks'
import { BOOTSTRAP_FIRST_PAGE, BOOTSTRAP_PAGE_MS, PULL_MAX_LIMIT } from '../../../shared/sync/protocol/limits'
import type { PullResponse, SyncChange } from '../../../shared/sync/protocol/types'
import type { BootstrapState } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { announceReceived } from './announce-received'
import type { ChangeApplier } from './change-applier'
import { pullPage } from './remote-pages'
import { readWhatMoved } from './read-what-moved'
import { tellPlace } from './tell-place'

export interface BootstrapOptions {
  context: EngineContext
  applier: ChangeApplier
  signal: AbortSignal
  /** The cursor of this device before the walk. */
  cursor: number
  onPage: (state: BootstrapState, page: { applied: number, hasMore: boolean }) => void
}

/**
 * Why a walk has to start over. `epoch`: the store was restored or replaced meanwhile. `history gap`: the store no longer has the part of its
 * history that the walk still needs. This happens to a walk that rested for weeks.
 */
export type StartOver = 'epoch' | 'history gap'

/**
 * Walks over everything in the feed, newest first, page by page. The next page is fetched while this one is written. Each page is stored
 * together with the position after it, so the walk goes on there after a reload.
 *
 * @returns the state after the last page. The caller clears it in the transaction that stores the new cursor. Or why the walk has to start over:
 * then nothing may be swept, because rows that are still in the store were not seen.
 * @throws the provider's error, or the signal's reason. The stored state stays for the next try.
 */
export async function runBootstrap(options: BootstrapOptions, start: BootstrapState): Promise<BootstrapState | StartOver> {
  const { context, applier, signal } = options
  const { clock } = context.env
  let state = start
  let limit = BOOTSTRAP_FIRST_PAGE
  let ideal = PULL_MAX_LIMIT
  let isAllOfIt = false
  let next: Promise<PullResponse> | null = fetchPage(context, signal, state, limit)
  while (next) {
    const startedAt = clock.now()
    const page: PullResponse = await next
    signal.throwIfAborted()
    if (page.restored || (state.epoch !== undefined && page.epoch !== undefined && page.epoch !== state.epoch)) return 'epoch'
    if (page.requiresRescan) {
      if (state.position > 0) return 'history gap'
      throw new SyncError('SERVER_ERROR', 'the store asks for a rescan in answer to one')
    }
    // The feed is followed from the first page's latest version once the walk is over. Whatever changes meanwhile has a higher version.
    const isFirst = state.pulled === 0 && state.target === 0
    const from = state
    const direction = directionOf(state, page)
    state = {
      ...state,
      ...direction && { direction, isDirectionKnown: true },
      sweep: isFirst ? sweepOf(state, page, options.cursor) : state.sweep,
      target: state.target || (page.latestVersion ?? targetOf(page, direction)),
      position: page.nextCursor,
      pulled: state.pulled + page.changes.length,
      epoch: state.epoch ?? page.epoch,
      mark: state.mark ?? (isCommitMark(page.mark) ? page.mark : undefined),
    }
    isAllOfIt = isFirst || page.latestVersion === state.target
    limit = Math.min(limit * 4, ideal)
    // Told before the next page is asked for: from now on the store keeps tombstones for this device.
    if (isFirst && state.target > 0) void tellPlace(context, state.target, signal)
    next = page.hasMore ? fetchPage(context, signal, state, limit) : null
    // The loop handles a failure when it awaits this page. Until then it must not count as an unhandled rejection.
    next?.catch(() => {})
    announceReceived(context, page.changes)
    const { applied } = await applier.apply(page.changes, { walk: { step: 'page', from, state } })
    ideal = idealLimit(page.changes.length, clock.now() - startedAt, ideal)
    options.onPage(state, { applied, hasMore: page.hasMore })
    signal.throwIfAborted()
  }
  // Nothing has changed since the first page, or no row is missed.
  if (isAllOfIt || state.sweep === 'none') return state
  return await readWhatMoved(options, state) ?? state
}

/**
 * Fetches a page. The request carries the newest commit mark that this device has heard. Without it, a store that was restored since would look
 * like one that has deleted the rows it lost.
 */
function fetchPage(context: EngineContext, signal: AbortSignal, state: BootstrapState, limit: number): Promise<PullResponse> {
  const mark = context.heard.current
  return pullPage(context, signal, {
    cursor: state.position,
    limit,
    tables: state.tables,
    bootstrap: true,
    ...(mark === undefined ? {} : { mark }),
    ...(state.direction === 'desc' ? { order: 'desc' as const } : {}),
  }, { mayRise: !state.isDirectionKnown })
}

/**
 * Which way the walk goes: a provider that ignores `order` answers upward. Two changes of a page show it, or else the end of the second page.
 * Undefined: not known yet. This does no harm, because the next page is asked for with the same cursor in either direction.
 */
function directionOf({ direction, isDirectionKnown, position }: BootstrapState, { changes, nextCursor }: PullResponse): BootstrapState['direction'] | undefined {
  if (isDirectionKnown || direction === 'asc') return direction
  const [first, last] = [changes[0], changes.at(-1)]
  if (first && last && first.serverVersion !== last.serverVersion) return first.serverVersion > last.serverVersion ? 'desc' : 'asc'
  if (position === 0 || nextCursor === position) return undefined
  return nextCursor < position ? 'desc' : 'asc'
}

/**
 * The version from which the feed goes on after the walk, taken from the first page when the store does not tell its latest version. If it is
 * too low, some changes are read twice.
 */
function targetOf({ changes, nextCursor, hasMore }: PullResponse, direction: BootstrapState['direction'] | undefined): number {
  return direction === 'asc' || (!direction && hasMore) ? nextCursor : highest(changes)
}

/**
 * What becomes of rows that the store lacks. A latest version below our cursor means that the store was restored from a backup, even if its
 * epoch is the same. Rows are then queued again, not removed.
 */
function sweepOf({ sweep }: BootstrapState, { latestVersion }: PullResponse, cursor: number): BootstrapState['sweep'] {
  return sweep === 'remove' && latestVersion !== undefined && latestVersion < cursor ? 'requeue' : sweep
}

function highest(changes: readonly SyncChange[]): number {
  return changes.reduce((max, change) => Math.max(max, change.serverVersion), 0)
}

/** How many rows take about 250 ms to fetch and write, judged by the last page. */
function idealLimit(rows: number, tookMs: number, before: number): number {
  if (rows === 0) return before
  return Math.max(BOOTSTRAP_FIRST_PAGE, Math.min(Math.round(rows * BOOTSTRAP_PAGE_MS / Math.max(tookMs, 1)), PULL_MAX_LIMIT))
}
