/** The testing kit: `or3-sync/testing`. For vitest on Node, with `fake-indexeddb` installed. */
export * from './simulation/index'
export { describeSyncBackend } from './contract/describe-sync-backend'
export { describeSyncProvider } from './contract/describe-sync-provider'
export type { ProviderFixture } from './contract/describe-sync-provider'
export { contractSchema } from './contract/contract-schema'
export { checkHistory } from './consistency/check-history'
export type { Anomaly, AnomalyKind } from './consistency/anomaly'
export type { AppliedRevision, RecordedHistory, RecordedSession, RecordedTransaction, RecordedWrite, StoreCommit } from './consistency/recorded-history'
