import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { AuthProvider } from './loopback/token-verifier'

const ISSUER = 'https://or3-sync.test'
const AUDIENCE = 'or3-sync'

/** Somebody whose tokens the loopback takes. */
export interface TokenKeys {
  provider: AuthProvider
  /** A token of this user, good for `seconds` (default 600). */
  sign: (userId: string, seconds?: number) => Promise<string>
}

/** Makes a new ES256 key. */
export async function makeTokenKeys(): Promise<TokenKeys> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwks = { keys: [{ ...await exportJWK(publicKey), kid: 'test', alg: 'ES256', use: 'sig' }] }
  return {
    provider: {
      type: 'customJwt', issuer: ISSUER, applicationID: AUDIENCE, algorithm: 'ES256',
      jwks: `data:application/json;base64,${Buffer.from(JSON.stringify(jwks)).toString('base64')}`,
    },
    sign: (userId, seconds = 600) => new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'JWT' })
      .setSubject(userId).setIssuer(ISSUER).setAudience(AUDIENCE).setIssuedAt().setJti(crypto.randomUUID())
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(privateKey),
  }
}
