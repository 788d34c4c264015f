import type { ConvexLogger } from './convex/convex-logger'
import type { TokenIssuer } from '../tokens/token-issuer'

/** What a store of the build is opened with; each takes what it needs. */
export interface BackendSettings {
  path?: string
  url?: string
  /** Signs the tokens by which the store knows a user, where a key is configured. */
  tokens?: TokenIssuer
  /** The key of a Convex deployment, for what only its operator may do. */
  adminKey?: string
  /** Hears of what the store has to say while it runs. Default: nobody. */
  logger?: ConvexLogger
}
