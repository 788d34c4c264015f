import type { SyncLogger } from '../../core/sync/environment/environment'
import type { SyncHooks } from '../../core/sync/context/sync-hooks'

/**
 * Helps whoever develops the app: with two apps on one origin, such as localhost:3000, the rows of one would appear in the other without a word, because they share a
 * database. The engine cannot tell this from a store that was restored from a backup, after which rows must be sent again.
 */
export function explainOtherStore(hooks: SyncHooks, log: Pick<SyncLogger, 'info'>): void {
  hooks.addAction('sync.rescan:action:starting', ({ reason }) => {
    if (reason !== 'epoch') return
    log.info('The server\'s store is not the one that this browser knew: it was restored or deleted, or another app ran at this address before. Rows that this browser has and the store lacks are sent to it. Give each app a port of its own; to begin anew, delete this site\'s data in the browser.')
  })
}
