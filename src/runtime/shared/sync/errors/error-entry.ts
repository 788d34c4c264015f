/**
 * Who uses a code.
 *
 * - `wire`: a server, a store, a provider or the engine, as `code` of a `SyncError`
 * - `client`: the engine alone, as `code` of a `SyncError`
 * - `reason`: `useSyncStatus().reason`
 * - `page`: a line in the browser's console
 * - `build`: the module, when Nuxt builds the app or starts it in development
 * - `start`: the server, when it starts
 */
export type ErrorSource = 'wire' | 'client' | 'reason' | 'page' | 'build' | 'start'

/**
 * What is known of an error: the docs, the console in development, `or3-sync doctor` and other tools show it. Texts are one or more plain
 * sentences; names of code stand in backticks.
 */
export interface ErrorText {
  /** Why it happens. */
  readonly cause: string
  /** What to do about it. */
  readonly fix: string
}

/** An error code with its texts. */
export interface ErrorEntry extends ErrorText {
  readonly code: string
  readonly source: ErrorSource
  /** For a `SyncError`: what the code says, in a few words. */
  readonly meaning?: string
  /** What the module or the server writes, with `…` for the parts that vary. */
  readonly messages?: readonly string[]
}
