/** Why nothing syncs. */
export type SyncReason
  /** The app's or the server's configuration has switched sync off. */
  = | 'switched-off'
  /** Nobody is signed in. */
    | 'no-session'
  /** The session has expired; edits are captured. */
    | 'expired'
  /** The user belongs to no workspace. */
    | 'no-workspace'
  /** The user is no longer a member of this workspace. */
    | 'barred'
  /** Somebody else has signed in in this browser; edits are captured. */
    | 'other-user'
  /** A newer version of this package has changed the database. The page has to be reloaded. */
    | 'newer-database'
  /** The server speaks another version of the protocol. The page has to be reloaded. */
    | 'outdated'
  /** The chosen provider is not registered. */
    | 'no-provider'
  /** The browser's database cannot be opened. */
    | 'no-storage'
