import type { UserIdentity } from 'convex/server'
import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'

/** An entry of `auth.config.ts`. */
export interface AuthProvider {
  type: 'customJwt'
  issuer: string
  applicationID?: string
  /** Where the public keys are: a URL or a data URI. */
  jwks: string
  algorithm: 'RS256' | 'ES256'
}

export interface VerifiedToken {
  identity: Partial<UserIdentity>
  /** Epoch milliseconds. */
  expiresAt: number
}

const LEEWAY_SECONDS = 5

/** Checks tokens as Convex's `customJwt` does: algorithm, `kid`, issuer, audience, times, signature. */
export class TokenVerifier {
  readonly #keys = new Map<string, JWTVerifyGetKey>()
  readonly #seen = new Set<string>()
  readonly #revoked = new Set<string>()

  constructor(private readonly providers: readonly AuthProvider[]) {}

  /** @throws Error when the token is not one that a deployment would take. */
  async verify(token: string): Promise<VerifiedToken> {
    if (this.#revoked.has(token)) throw new Error('Token expired')
    const { kid, alg } = decodeProtectedHeader(token)
    if (!kid) throw new Error('the token has no kid')
    const errors: unknown[] = []
    for (const provider of this.providers) {
      if (alg !== provider.algorithm) continue
      try {
        const { payload } = await jwtVerify(token, this.#keysOf(provider), {
          issuer: provider.issuer, audience: provider.applicationID, algorithms: [provider.algorithm], typ: 'JWT',
          clockTolerance: LEEWAY_SECONDS, requiredClaims: ['sub', 'iss', 'exp', 'iat'],
        })
        this.#seen.add(token)
        return { identity: identityOf(payload), expiresAt: payload.exp! * 1000 }
      }
      catch (error) { errors.push(error) }
    }
    throw new Error(`No auth provider found matching the given token: ${errors.map(String).join('; ') || `none takes ${alg}`}`)
  }

  /** Whether a token that was good may still be used. By the real clock, also where the functions are given another. */
  isExpired(token: string, { expiresAt }: VerifiedToken): boolean {
    return this.#revoked.has(token) || performance.timeOrigin + performance.now() > expiresAt + LEEWAY_SECONDS * 1000
  }

  /** Every token seen so far is taken for expired from now on. */
  expireAll(): void {
    for (const token of this.#seen) this.#revoked.add(token)
  }

  #keysOf({ jwks }: AuthProvider): JWTVerifyGetKey {
    let keys = this.#keys.get(jwks)
    if (!keys) {
      keys = jwks.startsWith('data:') ? createLocalJWKSet(readDataUri(jwks)) : createRemoteJWKSet(new URL(jwks))
      this.#keys.set(jwks, keys)
    }
    return keys
  }
}

function identityOf({ sub, iss, name, email, ...claims }: JWTPayload): Partial<UserIdentity> {
  const rest = Object.fromEntries(Object.entries(claims).filter(([key]) => !['exp', 'iat', 'aud', 'nbf', 'jti'].includes(key)))
  return {
    ...rest as Partial<UserIdentity>,
    subject: sub!, issuer: iss!, tokenIdentifier: `${iss}|${sub}`,
    ...(typeof name === 'string' ? { name } : {}), ...(typeof email === 'string' ? { email } : {}),
  }
}

function readDataUri(uri: string): JSONWebKeySet {
  const [head, data = ''] = uri.split(',', 2) as [string, string?]
  return JSON.parse(head.endsWith(';base64') ? Buffer.from(data, 'base64').toString() : decodeURIComponent(data)) as JSONWebKeySet
}
