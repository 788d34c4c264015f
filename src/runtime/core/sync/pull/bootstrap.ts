import { SyncError } from '../../../shared/sync/protocol/errors'
import { isCommitMark } from '../../../shared/sync/protocol/commit-marks'
import { BOOTSTRAP_FIRST_PAGE, BOOTSTRAP_PAGE_MS, PULL_MAX_LIMIT } from '../../../shared/sync/protocol/limits'
import type { PullResponse, SyncChange } from '../../../shared/sync/protocol/types'
import type { BootstrapState } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { announceReceived } from './announce-received'
import type { ChangeApplier } from './change-applier'
import { pullPage } from './remote-pages'
import { tellPlace } from './tell-place'

export interface BootstrapOptions {
  context: EngineContext
  applier: ChangeApplier
  signal: AbortSignal
  /** Up to where this device had everything. */
  cursor: number
  onPage: (state: BootstrapState, page: { applied: number, hasMore: boolean }) => void
}

/**
 * Fetches everything, newest first, page by page; the next page travels while this one is written. Each page commits with the
 * position after it, so a reload goes on where it stopped.
 *
 * @returns the state after the last page, not yet cleared: the caller ends it together with the new cursor. Null: the store was
 * replaced under the walk, which is void.
 * @throws the provider's error, or the signal's reason. The stored state stays for the next try.
 */
export async function runBootstrap(options: BootstrapOptions, start: BootstrapState): Promise<BootstrapState | null> {
  const { context, applier, signal } = options
  const { clock } = context.env
  let state = start
  let limit = BOOTSTRAP_FIRST_PAGE
  let ideal = PULL_MAX_LIMIT
  let next: Promise<PullResponse> | null = fetchPage(context, signal, state, limit)
  while (next) {
    const startedAt = clock.now()
    const page: PullResponse = await next
    signal.throwIfAborted()
    if (page.restored || (state.epoch !== undefined && page.epoch !== undefined && page.epoch !== state.epoch)) return null
    if (page.requiresRescan) {
      // It stands where there is nothing any more, and begins again.
      if (state.position > 0) return null
      throw new SyncError('SERVER_ERROR', 'the store asks for a rescan in answer to one')
    }
    // The feed goes on from here once the walk is over: whatever changes meanwhile has a higher version.
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
    limit = Math.min(limit * 4, ideal)
    // Before anything more is asked for: from here on GC waits for this device.
    if (isFirst && state.target > 0) void tellPlace(context, state.target, signal)
    next = page.hasMore ? fetchPage(context, signal, state, limit) : null
    // Its failure belongs to its own turn of the loop, not to whatever runs in between.
    next?.catch(() => {})
    announceReceived(context, page.changes)
    const { applied } = await applier.apply(page.changes, { walk: { step: 'page', from, state } })
    ideal = idealLimit(page.changes.length, clock.now() - startedAt, ideal)
    options.onPage(state, { applied, hasMore: page.hasMore })
    signal.throwIfAborted()
  }
  return state
}

/** It hands over what this device was told: a store that was restored since must not be taken for one that has deleted what it lacks. */
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
 * Which way the walk goes. A provider that does not heed `order` answers upward. Two changes of a page show it, or where the page after the first
 * ends. Undefined: nobody knows yet. The next page is asked for by the same cursor, whichever way it is.
 */
function directionOf({ direction, isDirectionKnown, position }: BootstrapState, { changes, nextCursor }: PullResponse): BootstrapState['direction'] | undefined {
  if (isDirectionKnown || direction === 'asc') return direction
  const [first, last] = [changes[0], changes.at(-1)]
  if (first && last && first.serverVersion !== last.serverVersion) return first.serverVersion > last.serverVersion ? 'desc' : 'asc'
  if (position === 0 || nextCursor === position) return undefined
  return nextCursor < position ? 'desc' : 'asc'
}

/** Up to where the first page of a walk speaks for the feed, where the store does not tell its latest version. Too low is no harm: it is read again. */
function targetOf({ changes, nextCursor, hasMore }: PullResponse, direction: BootstrapState['direction'] | undefined): number {
  return direction === 'asc' || (!direction && hasMore) ? nextCursor : highest(changes)
}

/** A store that has gone back was restored, whatever the walk is for and whether or not it names its epochs: nothing is removed then. */
function sweepOf({ sweep }: BootstrapState, { latestVersion }: PullResponse, cursor: number): BootstrapState['sweep'] {
  return sweep === 'remove' && latestVersion !== undefined && latestVersion < cursor ? 'requeue' : sweep
}

function highest(changes: readonly SyncChange[]): number {
  return changes.reduce((max, change) => Math.max(max, change.serverVersion), 0)
}

/** Rows that take about 250 ms to fetch and write, judged by the last page. */
function idealLimit(rows: number, tookMs: number, before: number): number {
  if (rows === 0) return before
  return Math.max(BOOTSTRAP_FIRST_PAGE, Math.min(Math.round(rows * BOOTSTRAP_PAGE_MS / Math.max(tookMs, 1)), PULL_MAX_LIMIT))
}
