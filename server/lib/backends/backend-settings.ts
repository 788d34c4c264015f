import type { ConvexLogger } from './convex/convex-logger'
import type { TokenIssuer } from '../tokens/token-issuer'

/** What the stores of a build are opened with. Each store takes what it needs. */
export interface BackendSettings {
  path?: string
  url?: string
  /** Signs the tokens that tell the store who the user is. Absent: no key is configured. */
  tokens?: TokenIssuer
  /** The admin key of a Convex deployment, for what only its operator may do. */
  adminKey?: string
  /** Is told about trouble while the store runs. Default: silent. */
  logger?: ConvexLogger
}
