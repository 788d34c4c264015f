/** The error codes that a gateway, a store or a provider may use. */
export type WireErrorCode
  /** The request, or the row that was written, is not valid. */
  = | 'VALIDATION_ERROR'
  /** An op is too large for its table, or a request or batch is too large as a whole. */
    | 'OVERSIZED'
  /** The stamp is too far ahead of the store's time. */
    | 'CLOCK_SKEW'
  /** Nobody is signed in. With `retryable: false`: the user is signed in but has no access. */
    | 'UNAUTHORIZED'
  /** Another user is signed in than the one for whom the request was made. */
    | 'USER_CHANGED'
  /** The stored state does not allow it, such as a put that is older than the deletions the store remembers. */
    | 'CONFLICT'
  /** A route, workspace, record or provider with this name does not exist. */
    | 'NOT_FOUND'
  /** Too many requests. Try again later. */
    | 'RATE_LIMITED'
  /** No answer came, only a part of one, or one that is out of date. */
    | 'NETWORK_ERROR'
  /** The store or its server fails. */
    | 'SERVER_ERROR'
  /** The cause is not known, or the answer did not come from the gateway. */
    | 'UNKNOWN'
  /** The user is a viewer, who may read but not write. */
    | 'READ_ONLY'
  /** The request comes from a page of an origin that is not allowed. */
    | 'FOREIGN_ORIGIN'
  /** The server and this page use different versions of the protocol. */
    | 'UNSUPPORTED_PROTOCOL'
  /** Sync is off: on the server, in the app, or because this engine was closed. */
    | 'SYNC_DISABLED'

/** Codes that only the client itself may use. From a server or a provider they count as `UNKNOWN`. */
export type ClientErrorCode
  /** Edits that have not reached the server would be lost. */
  = | 'UNSYNCED_WORK'
  /** A newer version of the app or of the package has changed the database: reload the page. */
    | 'NEWER_DATABASE'
  /** The database was deleted or replaced while it was in use. */
    | 'DATABASE_REPLACED'
  /** Another tab has begun to fetch everything anew, so this tab starts its work again. */
    | 'OVERTAKEN'
  /** The engine was stopped, or this tab has given up the lead, before there was an answer. */
    | 'STOPPED'
  /** The edit is kept back by its table's `capture`. It is sent once `capture` lets it go. */
    | 'HELD'

/** Every code of a `SyncError`. */
export type SyncErrorCode = WireErrorCode | ClientErrorCode
