import type { JWK } from 'jose'

export interface SyncToken {
  token: string
  /** Epoch milliseconds. */
  expiresAt: number
}

/** Signs the tokens that tell a store who the user is. `GET /token` gives them to clients; a server-side store mints its own. */
export interface TokenIssuer {
  /** An ES256 JWT that is valid for ten minutes. Its `sub` is the user. It says nothing about workspaces: the store looks those up in its data. */
  mintToken(userId: string): Promise<SyncToken>
  /** The public keys, as `GET /.well-known/jwks.json` answers. */
  jwks(): { keys: JWK[] }
}
