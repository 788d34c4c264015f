import type { SyncReason } from '../protocol/sync-reason'
import type { ErrorText } from './error-entry'

/** The values of `useSyncStatus().reason`. In development the browser's console shows cause and fix. */
export const REASONS: Readonly<Record<SyncReason, ErrorText>> = {
  'switched-off': {
    cause: 'Sync is off, and rows stay in this browser. It runs only if both switches are on.',
    fix: 'Set `OR3_SYNC_ENABLED` and `SSR_AUTH_ENABLED` to `true` before the server starts, or the options `enabled` and `ssrAuthEnabled` of `or3Sync`.',
  },
  'no-session': {
    cause: 'Nobody is signed in, and rows stay in this browser.',
    fix: 'Sign in, then call `useSyncSession().refresh()`. On the server, the hook `or3-sync:session` or nuxt-auth-utils says who is signed in.',
  },
  'expired': {
    cause: 'The session has expired. Edits are captured.',
    fix: 'Sign in again as the same user: then they are sent.',
  },
  'no-workspace': {
    cause: 'The signed-in user has no workspace.',
    fix: 'Let the hook `or3-sync:session` return a workspace with the role `owner`, `editor` or `viewer`.',
  },
  'barred': {
    cause: 'The signed-in user is no longer a member of this workspace.',
    fix: '`useSyncSession().workspaces` has the others, `useSyncQueue().exportFailed()` the edits that were not sent.',
  },
  'other-user': {
    cause: 'Somebody else has signed in in this browser. Edits are captured and sent once this user is back.',
    fix: 'Reload the page, or call `useSyncSession().refresh()`, to go on as the other user.',
  },
  'newer-database': {
    cause: 'A newer version of or3-sync or of the app has changed this database.',
    fix: 'Reload the page.',
  },
  'outdated': {
    cause: 'The server speaks another sync protocol than this page.',
    fix: 'Reload the page. If that does not help, install the same version of or3-sync on both sides.',
  },
  'no-provider': {
    cause: 'The chosen sync provider is not registered.',
    fix: 'Register it in a plugin, or correct `OR3_SYNC_PROVIDER` or `setActiveSyncProvider()`.',
  },
  'no-storage': {
    cause: 'The browser does not give this page a database (IndexedDB). It may be a private window, or site data is blocked.',
    fix: 'Open the page in a normal window, and allow it to store site data.',
  },
}
