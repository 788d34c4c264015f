/**
 * The code for syncing: what a page does not need in order to open its database, show rows and capture edits. It is loaded as one chunk, by
 * `load-sync-code.ts`. Code that is there from the beginning imports only types from these files.
 */
export { LeaderElection } from '../tabs/leader-election'
export { LeaderWork } from './leader-work'
export { SyncParts } from './sync-parts'
