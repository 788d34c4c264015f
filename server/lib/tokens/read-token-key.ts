import type { CryptoKey, JWK } from 'jose'
import { invalidSetting } from '#or3-sync/shared/sync/settings/invalid-setting'

export interface TokenKey {
  key: CryptoKey
  kid: string
  /** Its public half, as it stands in the JWKS. */
  publicJwk: JWK
}

const ALG = 'ES256'
const PRIVATE_FORMS = 'a private P-256 key, as a JWK or as PKCS8 PEM; npm run token:keys prints one'
const ANY_FORMS = 'a P-256 key, private or public, as a JWK or as PEM'

/**
 * Reads a key from the environment. In PEM, `\n` may be written for line breaks. `sign` needs a private key; `verify` takes either half.
 *
 * @throws Error of one line that names the variable and does not show the key
 */
export async function readTokenKey(text: string, variable: string, use: 'sign' | 'verify'): Promise<TokenKey> {
  const refuse = (what: string) => invalidSetting(variable, `${what} (${text.length} characters, not shown)`, use === 'sign' ? PRIVATE_FORMS : ANY_FORMS)
  const { calculateJwkThumbprint, exportJWK } = await import('jose')
  const { key, kid } = await importKey(text).catch(() => { throw refuse('no key that can be read') })
  if (use === 'sign' && key.type !== 'private') throw refuse('a public key')
  const { kty, crv, x, y } = await exportJWK(key)
  const thumbprint = await calculateJwkThumbprint({ kty, crv, x, y } as JWK)
  return { key, kid: kid ?? thumbprint, publicJwk: { kty, crv, x, y, kid: kid ?? thumbprint, alg: ALG, use: 'sig' } as JWK }
}

/** Imports for ES256, which refuses every curve but P-256. */
async function importKey(given: string): Promise<{ key: CryptoKey, kid?: string }> {
  const { importJWK, importPKCS8, importSPKI } = await import('jose')
  const text = given.trim().replaceAll('\\n', '\n')
  const options = { extractable: true }
  if (text.startsWith('-----BEGIN PRIVATE KEY-----')) return { key: await importPKCS8(text, ALG, options) }
  if (text.startsWith('-----BEGIN PUBLIC KEY-----')) return { key: await importSPKI(text, ALG, options) }
  const jwk = JSON.parse(given) as JWK
  if (jwk.kty !== 'EC') throw new TypeError('not an elliptic curve key')
  return { key: await importJWK(jwk, ALG, options) as CryptoKey, kid: typeof jwk.kid === 'string' ? jwk.kid : undefined }
}
