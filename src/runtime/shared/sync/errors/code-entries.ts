import type { ClientErrorCode, WireErrorCode } from '../protocol/error-codes'
import type { ErrorText } from './error-entry'

export interface CodeText extends ErrorText {
  /** What the code says, in a few words. */
  readonly meaning: string
  /** What to do about an edit that was refused with this code. Absent: retry it or give it up. */
  readonly refused?: string
}

/** The codes of a `SyncError` that a server, a store, a provider or the engine may use. */
export const WIRE_CODES: Readonly<Record<WireErrorCode, CodeText>> = {
  VALIDATION_ERROR: {
    meaning: 'A row or a request has the wrong form',
    cause: 'The row does not pass the schema of its table, its key is not valid, or it holds a value that cannot be synced. Or `capture` or `exclude` of the table threw an error. The message names the table, the key and the field.',
    fix: 'Write the row again as the schema wants it: the new edit is sent by itself. Or fix the schema and call `useSyncQueue().retry()`.',
    refused: 'Write the row again as the schema wants it, and it is sent by itself; or fix the schema, then `useSyncQueue().retry()`.',
  },
  OVERSIZED: {
    meaning: 'A row, a request or a batch is too large',
    cause: 'The row is above the `maxBytes` of its table, or larger than the store or the browser takes.',
    fix: 'Make the row smaller: keep large files elsewhere and only their URL in the row. Or raise `maxBytes` of the table, in the app and on the server.',
    refused: 'Make the row smaller, or raise `maxBytes` of its table.',
  },
  CLOCK_SKEW: {
    meaning: 'The stamp of an edit is too far ahead of the store\'s time',
    cause: 'The clock of the device is wrong by more than 5 minutes.',
    fix: 'Nothing: the device corrects its offset and sends the edit again.',
  },
  UNAUTHORIZED: {
    meaning: 'Nobody is signed in, or this user has no access',
    cause: 'The session has ended. With `retryable: false`, the user is signed in but is no member of the workspace.',
    fix: 'Sign in again, then call `useSyncSession().refresh()`. If the membership is missing, let the `or3-sync:session` hook return the workspace with a role.',
    refused: 'Once this user is a member again, `useSyncQueue().retry()`; or `discard()` it.',
  },
  USER_CHANGED: {
    meaning: 'Another user is signed in than the one who asks',
    cause: 'Somebody else has signed in in this browser, in another tab.',
    fix: 'Sign in as the first user again, or reload the page to continue as the other one. No edit is lost, and none is sent as the wrong user.',
  },
  CONFLICT: {
    meaning: 'What is stored does not allow the edit',
    cause: 'The edit is older than the deletions that the server remembers (`purgeAfterDays`), and the server does not know the record. Or a custom provider refused it, or an expectation of a server\'s `write` was not met.',
    fix: '`useSyncQueue().retry(id)` sends it as a new edit, `discard(id)` gives it up.',
    refused: '`useSyncQueue().retry()` makes it an edit of now; `discard()` gives it up.',
  },
  NOT_FOUND: {
    meaning: 'What is named is not there',
    cause: 'No route, workspace, table, record or provider has this name. For a provider, the message lists the registered ones.',
    fix: 'Correct the name. For a provider: register it in a plugin, or correct `OR3_SYNC_PROVIDER` or `setActiveSyncProvider()`.',
  },
  RATE_LIMITED: {
    meaning: 'Too many requests',
    cause: 'The user has asked more often than `rateLimits` allows, or has too many requests under way.',
    fix: 'Nothing: the device waits and tries again. If it happens in normal use, raise `rateLimits`, `streamLimits` or `memoryLimits`.',
  },
  NETWORK_ERROR: {
    meaning: 'No answer came, only a part of one, or one that is out of date',
    cause: 'The device is offline, the server is down, or something on the way cuts requests off.',
    fix: 'Nothing, if the device is offline: edits are kept and sent later. Otherwise open `/api/sync/health` in this browser, and look at the proxy.',
  },
  SERVER_ERROR: {
    meaning: 'The store or its server fails',
    cause: 'The store does not answer, or an error was thrown while the request was answered. The server\'s log has the error.',
    fix: 'Look at the server\'s log. The device tries again by itself.',
  },
  UNKNOWN: {
    meaning: 'The cause is not known, or somebody else has answered',
    cause: 'A proxy, a sign-in page or another module answered in the place of the gateway, or a provider threw an error without a code.',
    fix: 'Look at the response in the browser\'s network tab. The gateway\'s own answers have the header `x-or3-sync-protocol`. The device tries again by itself.',
  },
  READ_ONLY: {
    meaning: 'A viewer may read, not write',
    cause: 'The role of the user in this workspace is `viewer`, or a role that the module does not know.',
    fix: 'Let the session hook return the role `editor` or `owner`, or hide what writes: `useSyncSession().role` says which role it is.',
    refused: 'Once an owner lets this user write, `useSyncQueue().retry()`; or `discard()` it.',
  },
  FOREIGN_ORIGIN: {
    meaning: 'A page of another origin asks',
    cause: 'The `Origin` of the page is not that of the server. Behind a proxy, the server may not see the host name that the browser uses.',
    fix: 'Let the proxy pass `Host` or `X-Forwarded-Host`. If the page belongs to another origin of yours, add it to `allowedOrigins`.',
  },
  UNSUPPORTED_PROTOCOL: {
    meaning: 'The server and this page use different versions of the protocol',
    cause: 'The page was loaded before the app was deployed with another version of the package.',
    fix: 'Reload the page. Edits are kept.',
  },
  SYNC_DISABLED: {
    meaning: 'Sync is off',
    cause: '`OR3_SYNC_ENABLED` or `SSR_AUTH_ENABLED` is not `true` where the server was started, or this engine was closed.',
    fix: 'Set both variables to `true` before the server starts. `npx or3-sync doctor` says which one is missing.',
  },
}

/** The codes of a `SyncError` that only the engine uses. */
export const CLIENT_CODES: Readonly<Record<ClientErrorCode, CodeText>> = {
  UNSYNCED_WORK: {
    meaning: 'Edits that have not reached the server would be lost',
    cause: '`signOut({ wipe: true })` was called while edits wait. `count` says how many.',
    fix: 'Wait for `$syncEngine.whenIdle()`, or ask the user and call `signOut({ wipe: true, force: true })`.',
  },
  NEWER_DATABASE: {
    meaning: 'A newer version of the app or of the package has changed the database',
    cause: 'Another tab runs a newer version. This tab has stopped and writes nothing more.',
    fix: 'Reload the page. Edits are kept.',
  },
  DATABASE_REPLACED: {
    meaning: 'The database was deleted or replaced while it was in use',
    cause: 'Site data was cleared, or another tab has signed out with `wipe`.',
    fix: 'Reload the page. It starts as a new device.',
  },
  OVERTAKEN: {
    meaning: 'Another tab does this work now',
    cause: 'Another tab fetches everything anew, or has taken the lead.',
    fix: 'Nothing: this tab looks again, or follows the other.',
  },
  STOPPED: {
    meaning: 'The engine was stopped before there was an answer',
    cause: '`stop()` was called, the user signed out, or another tab took the lead.',
    fix: 'Call `start()`, or wait again when the user is signed in.',
  },
  HELD: {
    meaning: 'The edit is kept back by its table\'s `capture`',
    cause: '`capture` of the table returned false for the row, so the edit is not sent yet.',
    fix: 'Write the row so that `capture` returns true. Only then wait for it with `whenSynced`.',
  },
}
