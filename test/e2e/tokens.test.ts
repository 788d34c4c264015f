import { createRemoteJWKSet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { generateTokenKeys } from 'or3-sync/server'
import { Member } from '../support/member'
import { startPlayground } from '../support/playground-server'

describe('tokens of the built server', () => {
  it('are signed with the key it was started with, and verified by the keys it publishes', async () => {
    const [key, next] = [await generateTokenKeys(), await generateTokenKeys()]
    const names = { OR3_SYNC_TOKEN_ISSUER: 'https://app.example.com', OR3_SYNC_TOKEN_AUDIENCE: 'convex' }
    const server = await startPlayground({ OR3_SYNC_TOKEN_KEY: key.privateKey, OR3_SYNC_TOKEN_PREVIOUS_KEY: next.publicKey, ...names })
    const token = async () => {
      const { cookie } = await Member.signIn(server.origin, 'Ann')
      const response = await fetch(`${server.origin}/api/sync/token`, { headers: { cookie } })
      return { status: response.status, ...await response.json() as { token: string, expiresAt: number } }
    }
    const first = await token()
    const verify = (jwt: string) => jwtVerify(jwt, createRemoteJWKSet(new URL(`${server.origin}/api/sync/.well-known/jwks.json`)), { issuer: 'https://app.example.com', audience: 'convex' })
    const { payload } = await verify(first.token)
    expect([first.status, payload.sub, payload.exp! - payload.iat!, first.expiresAt]).toEqual([200, 'ann', 600, payload.exp! * 1_000])
    expect((await fetch(`${server.origin}/api/sync/token`)).status).toBe(401)

    await server.restart({ OR3_SYNC_TOKEN_KEY: next.privateKey, OR3_SYNC_TOKEN_PREVIOUS_KEY: key.publicKey })
    const second = await token()
    expect((await verify(second.token)).protectedHeader.kid).not.toBe((await verify(first.token)).protectedHeader.kid)
    await server.stop()
  })

  it('may have their key in a NUXT_ variable, and are not to be had without one', async () => {
    const server = await startPlayground({ NUXT_OR3_SYNC_TOKEN_KEY: (await generateTokenKeys()).privateKey })
    const { cookie } = await Member.signIn(server.origin, 'Ann')
    const status = async (path: string) => (await fetch(`${server.origin}/api/sync/${path}`, { headers: { cookie } })).status
    expect([await status('token'), await status('.well-known/jwks.json')]).toEqual([200, 200])
    await server.restart({ NUXT_OR3_SYNC_TOKEN_KEY: '' })
    expect([await status('token'), await status('.well-known/jwks.json')]).toEqual([404, 404])
    await server.stop()
  })

  it.each([
    [{ OR3_SYNC_TOKEN_KEY: 'secret-that-is-no-key' }, 'OR3_SYNC_TOKEN_KEY is no key that can be read (21 characters, not shown); accepted: a private P-256 key'],
    [{ OR3_SYNC_ALLOWED_ORIGINS: '*' }, 'OR3_SYNC_ALLOWED_ORIGINS is "*"; accepted: origins such as https://app.example.com'],
  ])('stop the start when the setting is wrong, with one line: %j', async (env, line) => {
    const error = await startPlayground(env).then(() => null, (error: Error) => error.message)
    expect(error).toContain(`[or3-sync] ${line}`)
    expect(error).not.toContain('secret-that-is-no-key')
    expect(error).not.toMatch(/\n\s+at /)
  })
})
