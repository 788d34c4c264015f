import type { JWK } from 'jose'

export interface SyncToken {
  token: string
  /** Epoch milliseconds. */
  expiresAt: number
}

/** Signs the tokens by which a store knows the user: `GET /token` hands them out, a server-side store mints its own. */
export interface TokenIssuer {
  /** An ES256 JWT of ten minutes whose `sub` is the user. It says nothing about workspaces: those are read from data. */
  mintToken(userId: string): Promise<SyncToken>
  /** The public keys, as `GET /.well-known/jwks.json` answers. */
  jwks(): { keys: JWK[] }
}
