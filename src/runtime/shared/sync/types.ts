/** The types of the protocol, under the path that custom providers import: `#or3-sync/shared/sync/types`. */
export type * from './protocol/types'
