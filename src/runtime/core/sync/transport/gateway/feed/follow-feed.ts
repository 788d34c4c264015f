import type { OnChanges, SubscribeOptions } from '../../../../../shared/sync/protocol/types'
import type { OpenFeed } from './feed-transport'

export interface FollowFeedOptions {
  onChanges: OnChanges
  onStatus: SubscribeOptions['onStatus']
  signal: AbortSignal
}

/** Hands the pages of a feed to the engine, each one after the one before was applied. Resolves when the feed is over. */
export async function followFeed({ items, close }: OpenFeed, { onChanges, onStatus, signal }: FollowFeedOptions): Promise<void> {
  try {
    for await (const item of items) {
      if (signal.aborted) return
      if (item.kind === 'session') onStatus('connected', { session: true })
      // The engine rescans, and then makes a new subscription.
      if (item.kind === 'rescan') return onStatus('connected', { rescan: true, ...(item.restored ? { restored: true } : {}) })
      if (item.kind !== 'page') continue
      const { page: { changes, nextCursor, epoch, hasMore, mark }, from, asked } = item
      await onChanges(changes, { from, nextCursor, epoch, hasMore, mark, asked })
    }
  }
  catch (error) {
    if (!signal.aborted) onStatus('error', { error })
  }
  finally { close() }
}
