import { TOKEN_LIFETIME_MS } from '#or3-sync/shared/sync/protocol/limits'
import { readSettings } from '#or3-sync/shared/sync/settings/read-settings'
import type { TokenNames } from '#or3-sync/shared/sync/settings/setting-types'
import { TOKEN_SETTINGS } from '#or3-sync/shared/sync/settings/token-settings'
import { readTokenKey } from './read-token-key'
import type { TokenIssuer } from './token-issuer'

export interface TokenIssuerOptions extends TokenNames {
  /** The private P-256 key that signs, as JWK or PKCS8 PEM. */
  key: string
  /** A second key for the JWKS, private or public: the previous one or the next one. Default: none. */
  previousKey?: string
  /** Epoch milliseconds. Default: `Date.now`. */
  now?: () => number
}

/**
 * Makes a token issuer. The keys are read here, so that a wrong one is found at the start and not by a user. The package `jose` is loaded
 * only by this call.
 *
 * @throws Error of one line that names the setting
 */
export async function createTokenIssuer(options: TokenIssuerOptions): Promise<TokenIssuer> {
  const { SignJWT } = await import('jose')
  const signing = await readTokenKey(options.key, 'OR3_SYNC_TOKEN_KEY', 'sign')
  const other = options.previousKey ? await readTokenKey(options.previousKey, 'OR3_SYNC_TOKEN_PREVIOUS_KEY', 'verify') : undefined
  // Error messages call these as in the environment, like the keys.
  const { issuer, audience } = readSettings(TOKEN_SETTINGS, {
    name: 'token', values: undefined, env: { OR3_SYNC_TOKEN_ISSUER: options.issuer, OR3_SYNC_TOKEN_AUDIENCE: options.audience },
  })
  const now = options.now ?? Date.now

  return {
    async mintToken(userId) {
      // A JWT counts whole seconds.
      const issuedAt = Math.floor(now() / 1_000)
      const expiresAt = issuedAt + TOKEN_LIFETIME_MS / 1_000
      const token = await new SignJWT()
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: signing.kid })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(signing.key)
      return { token, expiresAt: expiresAt * 1_000 }
    },
    jwks: () => ({ keys: [signing.publicJwk, ...other && other.kid !== signing.kid ? [other.publicJwk] : []] }),
  }
}
