import { PULL_MAX_LIMIT } from '../../../shared/sync/protocol/limits'
import type { BootstrapState } from '../records/engine-records'
import type { BootstrapOptions, StartOver } from './bootstrap'
import { announceReceived } from './announce-received'
import { pullPage } from './remote-pages'

/**
 * Reads what has changed in the store since a walk began, up to its latest version. A record that was edited meanwhile has moved to the end of
 * the feed, perhaps before the walk came to its old place. Then no page of the walk has it, and the sweep would take it for deleted: the row
 * would be gone until the next pull brings it back.
 *
 * @returns undefined, or why the walk has to start over.
 * @throws the provider's error, or the signal's reason.
 */
export async function readWhatMoved({ context, applier, signal }: Pick<BootstrapOptions, 'context' | 'applier' | 'signal'>, state: BootstrapState): Promise<StartOver | undefined> {
  for (let cursor = state.target; ;) {
    const mark = context.heard.current
    const page = await pullPage(context, signal, { cursor, limit: PULL_MAX_LIMIT, tables: state.tables, ...(mark === undefined ? {} : { mark }) })
    signal.throwIfAborted()
    const isOther = state.epoch !== undefined && page.epoch !== undefined && page.epoch !== state.epoch
    if (page.restored || isOther || (page.latestVersion !== undefined && page.latestVersion < cursor)) return 'epoch'
    // What has moved cannot be told from what was deleted, so nothing may be swept.
    if (page.requiresRescan) return 'history gap'
    announceReceived(context, page.changes)
    await applier.apply(page.changes, { walk: { step: 'page', from: state, state } })
    signal.throwIfAborted()
    if (!page.hasMore) return undefined
    cursor = page.nextCursor
  }
}
