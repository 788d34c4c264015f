import { createTokenIssuer } from '../../server/lib/tokens/create-token-issuer'
import { generateTokenKeys } from '../../server/lib/tokens/generate-token-keys'
import type { AuthProvider } from './loopback/token-verifier'

const AN_HOUR_MS = 60 * 60_000

/** An app's server, as far as its tokens go. */
export interface TokenKeys {
  /** The entry of `auth.config.ts` that takes them. */
  provider: AuthProvider
  sign: (userId: string) => Promise<string>
  /** One that was good an hour ago. */
  signExpired: (userId: string) => Promise<string>
}

/** With the key given (the JWKS is known to the deployment already), or a new one. */
export async function makeTokenKeys(key?: string): Promise<TokenKeys> {
  const { privateKey, jwksDataUri } = key ? { privateKey: key, jwksDataUri: '' } : await generateTokenKeys()
  const [now, before] = await Promise.all([createTokenIssuer({ key: privateKey }), createTokenIssuer({ key: privateKey, now: () => Date.now() - AN_HOUR_MS })])
  return {
    provider: { type: 'customJwt', issuer: 'https://or3-sync', applicationID: 'or3-sync', algorithm: 'ES256', jwks: jwksDataUri },
    sign: async userId => (await now.mintToken(userId)).token,
    signExpired: async userId => (await before.mintToken(userId)).token,
  }
}
