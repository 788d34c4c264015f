/** The vocabulary, under the path that custom providers import it by: `#or3-sync/shared/sync/types`. */
export type * from './protocol/types'
