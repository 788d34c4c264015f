import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createLocalJWKSet, decodeProtectedHeader, exportPKCS8, exportSPKI, generateKeyPair, importJWK, jwtVerify } from 'jose'
import type { JSONWebKeySet, JWK } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { createTokenIssuer, generateTokenKeys } from 'or3-sync/server'
import type { TokenIssuerOptions } from 'or3-sync/server'
import { NOW } from './support/make-op'
import { startTestGateway } from './support/test-gateway'
import type { ErrorReply, TestGateway } from './support/test-gateway'

const MINUTE = 60_000
const now = () => NOW

/** Verifies as a store does: by the published keys, at a moment. */
function verify(token: string, jwks: JSONWebKeySet, { at = NOW, issuer = 'https://or3-sync', audience = 'or3-sync' } = {}) {
  return jwtVerify(token, createLocalJWKSet(jwks), { issuer, audience, typ: 'JWT', algorithms: ['ES256'], currentDate: new Date(at) })
}

async function pemPair() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  return { privatePem: await exportPKCS8(privateKey), publicPem: await exportSPKI(publicKey) }
}

describe('tokens', () => {
  it('say who the user is, for ten minutes, in a way a store can check by the published key', async () => {
    const tokens = await createTokenIssuer({ key: (await generateTokenKeys()).privateKey, now })
    const { token, expiresAt } = await tokens.mintToken('ada')
    const { payload, protectedHeader } = await verify(token, tokens.jwks())
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT', kid: tokens.jwks().keys[0]?.kid })
    expect(payload).toEqual({ sub: 'ada', iss: 'https://or3-sync', aud: 'or3-sync', iat: NOW / 1_000, exp: NOW / 1_000 + 600 })
    expect(expiresAt).toBe(NOW + 10 * MINUTE)
  })

  it('expire', async () => {
    const tokens = await createTokenIssuer({ key: (await generateTokenKeys()).privateKey, now })
    const { token } = await tokens.mintToken('ada')
    await verify(token, tokens.jwks(), { at: NOW + 10 * MINUTE - 1_000 })
    await expect(verify(token, tokens.jwks(), { at: NOW + 10 * MINUTE })).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' })
  })

  it('carry the issuer and the audience of the configuration, and pass for no other', async () => {
    const tokens = await createTokenIssuer({ key: (await generateTokenKeys()).privateKey, issuer: 'https://app.example.com', audience: 'convex', now })
    const { token } = await tokens.mintToken('ada')
    await verify(token, tokens.jwks(), { issuer: 'https://app.example.com', audience: 'convex' })
    await expect(verify(token, tokens.jwks(), { audience: 'convex' })).rejects.toMatchObject({ claim: 'iss' })
    await expect(verify(token, tokens.jwks(), { issuer: 'https://app.example.com' })).rejects.toMatchObject({ claim: 'aud' })
  })

  it('of the key before are good until they expire, and the new key signs from the start', async () => {
    const [before, after] = [await generateTokenKeys(), await generateTokenKeys()]
    const old = await createTokenIssuer({ key: before.privateKey, now })
    const { token: oldToken } = await old.mintToken('ada')

    const rotated = await createTokenIssuer({ key: after.privateKey, previousKey: before.privateKey, now })
    const { token: newToken } = await rotated.mintToken('ada')
    expect(rotated.jwks().keys).toHaveLength(2)
    await verify(oldToken, rotated.jwks())
    await verify(newToken, rotated.jwks())
    expect(decodeProtectedHeader(newToken).kid).not.toBe(decodeProtectedHeader(oldToken).kid)

    const done = await createTokenIssuer({ key: after.privateKey, now })
    await expect(verify(oldToken, done.jwks())).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
  })

  it('never publish the private half, of either key, in whatever form they are given', async () => {
    const { privatePem, publicPem } = await pemPair()
    const { privateKey, publicKey } = await generateTokenKeys()
    const pairs = [[privateKey, privatePem], [privateKey, publicPem], [privatePem, privateKey], [privatePem.replaceAll('\n', '\\n'), publicKey]] as const
    for (const [key, previousKey] of pairs) {
      const { keys } = (await createTokenIssuer({ key, previousKey })).jwks()
      expect(keys).toHaveLength(2)
      for (const jwk of keys) expect(Object.keys(jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    }
    expect((await createTokenIssuer({ key: privateKey, previousKey: publicKey })).jwks().keys, 'one key twice is one').toHaveLength(1)
  })

  it.each([
    ['text', 'OR3_SYNC_TOKEN_KEY', () => ({ key: 'a-very-secret-text' })],
    ['a public key', 'OR3_SYNC_TOKEN_KEY', async () => ({ key: (await generateTokenKeys()).publicKey })],
    ['a key of another curve', 'OR3_SYNC_TOKEN_KEY', async () => ({ key: await exportPKCS8((await generateKeyPair('ES384', { extractable: true })).privateKey) })],
    ['an RSA key', 'OR3_SYNC_TOKEN_KEY', async () => ({ key: await exportPKCS8((await generateKeyPair('RS256', { extractable: true })).privateKey) })],
    ['halves that do not belong together', 'OR3_SYNC_TOKEN_KEY', mismatchedKey],
    ['JSON that is no key', 'OR3_SYNC_TOKEN_PREVIOUS_KEY', async () => ({ key: (await generateTokenKeys()).privateKey, previousKey: '{"kty":"oct","k":"c2VjcmV0"}' })],
  ] satisfies [string, string, () => TokenIssuerOptions | Promise<TokenIssuerOptions>][])('refuse %s, in one line that names %s and does not show it', async (_what, variable, make) => {
    const options = await make()
    const error = await createTokenIssuer(options).then(() => null, (error: Error) => error)
    expect(error?.message).toMatch(new RegExp(`^\\[or3-sync\\] ${variable} is [^\\n]*; accepted: [^\\n]*$`))
    expect(error?.stack).toBe(error?.message)
    expect(error?.message).not.toMatch(/secret|c2VjcmV0/)
  })

  it.each([
    [{ issuer: 'my app' }, '[or3-sync] OR3_SYNC_TOKEN_ISSUER is "my app"; accepted: a URL such as https://app.example.com'],
    [{ audience: 'two words' }, '[or3-sync] OR3_SYNC_TOKEN_AUDIENCE is "two words"; accepted: 1 to 256 printable ASCII characters without spaces'],
  ])('refuse %j in one line', async (names, line) => {
    await expect(createTokenIssuer({ key: (await generateTokenKeys()).privateKey, ...names })).rejects.toThrow(new Error(line))
  })

  it('take what npm run token:keys prints', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/token-keys.ts'])
    const key = /^OR3_SYNC_TOKEN_KEY='(.*)'$/m.exec(stdout)?.[1]
    const published = JSON.parse(Buffer.from(/base64,(\S+)$/m.exec(stdout)![1]!, 'base64').toString()) as JSONWebKeySet
    const tokens = await createTokenIssuer({ key: key!, now })
    expect(published).toEqual(tokens.jwks())
    await verify((await tokens.mintToken('ada')).token, published)
  })
})

describe('the token routes', () => {
  let server: TestGateway
  afterEach(() => server.stop())

  it('answer 404 where no key is configured', async () => {
    server = await startTestGateway()
    for (const path of ['/token', '/.well-known/jwks.json']) {
      expect(await server.get<ErrorReply>(path), path).toMatchObject({ status: 404, body: { data: { code: 'NOT_FOUND' } } })
    }
  })

  it('hand the signed-in user a token that the published key verifies, and nobody one', async () => {
    server = await startTestGateway({ tokens: await createTokenIssuer({ key: (await generateTokenKeys()).privateKey, now }) })
    const { status, body, headers } = await server.get<{ token: string, expiresAt: number }>('/token', 'bob')
    expect([status, body.expiresAt, headers.get('cache-control')]).toEqual([200, NOW + 10 * MINUTE, 'no-store'])
    const jwks = await server.get<{ keys: JWK[] }>('/.well-known/jwks.json', '')
    expect(jwks.status).toBe(200)
    expect((await jwtVerify(body.token, await importJWK(jwks.body.keys[0]!, 'ES256'), { currentDate: new Date(NOW) })).payload.sub).toBe('bob')
    expect(await server.get<ErrorReply>('/token', '')).toMatchObject({ status: 401, body: { data: { code: 'UNAUTHORIZED' } } })
  })
})

/** The private half of one key with the public half of another: it would sign what nobody can verify. */
async function mismatchedKey(): Promise<TokenIssuerOptions> {
  const [one, other] = [await generateTokenKeys(), await generateTokenKeys()]
  const { d } = JSON.parse(one.privateKey) as JWK
  return { key: JSON.stringify({ ...JSON.parse(other.privateKey) as JWK, d }) }
}
