import type { SyncReason } from '../core/sync/context/sync-reason'

const LINES: Record<SyncReason, string> = {
  'switched-off': 'Sync is off, rows stay in this browser: to switch it on, set OR3_SYNC_ENABLED and SSR_AUTH_ENABLED to "true" before the server starts (or the options enabled and ssrAuthEnabled of or3Sync).',
  'no-session': 'Nobody is signed in, rows stay in this browser: sign in, then call useSyncSession().refresh(). On the server, the hook or3-sync:session or nuxt-auth-utils says who is signed in.',
  'expired': 'The session has expired. Edits are captured and sent once the same user is signed in again.',
  'no-workspace': 'The signed-in user has no workspace: let the hook or3-sync:session return one with the role owner, editor or viewer.',
  'barred': 'The signed-in user is no longer a member of this workspace: useSyncSession().workspaces has the others, useSyncQueue().exportFailed() the edits that were not sent.',
  'other-user': 'Somebody else has signed in in this browser. Edits are captured and sent once this user is back; reload the page, or call useSyncSession().refresh(), to go on as the other user.',
  'newer-database': 'A newer version of or3-sync has changed this database: reload the page.',
  'outdated': 'The server speaks a newer sync protocol than this page: reload the page.',
  'no-provider': 'The chosen sync provider is not registered: register it in a plugin, or correct OR3_SYNC_PROVIDER or setActiveSyncProvider().',
  'no-storage': 'The browser does not give this page a database (IndexedDB): it may be a private window, or site data is blocked.',
}

/** One line for whoever develops the app: why nothing syncs, and what to do about it. */
export function explainReason(reason: SyncReason): string {
  return LINES[reason]
}
