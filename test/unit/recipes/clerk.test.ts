import { exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { wireOp } from '../../../src/testing/contract/make-op'
import { startRecipe, type RecipeServer } from '../../support/start-recipe'

const APP = 'https://app.example.com'
const clerk = await generateKeyPair('RS256')
const stranger = await generateKeyPair('RS256')

let server: RecipeServer
beforeAll(async () => {
  vi.stubEnv('CLERK_PUBLISHABLE_KEY', `pk_live_${btoa('clerk.example.com$')}`)
  vi.stubEnv('CLERK_SECRET_KEY', 'sk_live_of_a_test')
  vi.stubEnv('CLERK_JWT_KEY', await exportSPKI(clerk.publicKey))
  vi.stubEnv('APP_ORIGIN', APP)
  server = await startRecipe({ plugin: 'clerk/server/plugins/sync-session.ts' })
})
afterAll(async () => {
  await server.stop()
  vi.unstubAllEnvs()
})

/** A session token as Clerk's service signs it, and the cookie by which the browser says that somebody is signed in. */
async function cookies({ claims = {}, lifetime = 60, key = clerk.privateKey } = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  const token = await new SignJWT({ azp: APP, sid: 'sess_1', ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'ins_1' })
    .setIssuer('https://clerk.example.com').setSubject('user_ann').setIssuedAt(now - 30).setNotBefore(now - 30).setExpirationTime(now + lifetime)
    .sign(key)
  return `__session=${token}; __client_uat=${now - 60}`
}
const session = async (cookie: string) => await (await server.get('/api/sync/session', { cookie })).json() as unknown
const push = async (cookie: string, workspaceId: string) => (await server.post('/api/sync/push', { scope: { workspaceId }, ops: [wireOp({ table: 'todos' })] }, { cookie })).status

describe('the recipe for Clerk', () => {
  it('knows the user of a token that Clerk has signed, without asking Clerk, and leaves the body to the gateway', async () => {
    const cookie = await cookies()
    expect(await session(cookie)).toMatchObject({ status: 'authenticated', userId: 'user_ann', workspaces: [{ id: 'user_ann', name: 'Personal', role: 'owner' }] })
    expect(await push(cookie, 'user_ann')).toBe(200)
  })

  it.each([['org:admin', 'owner', 200], ['org:member', 'editor', 200], ['org:reader', 'viewer', 403]])('takes the active organization as a workspace: %s is %s', async (org_role, role, status) => {
    const cookie = await cookies({ claims: { org_id: 'org_1', org_slug: 'team', org_role } })
    expect(await session(cookie)).toMatchObject({ workspaces: [{ id: 'user_ann' }, { id: 'org_1', role }] })
    expect(await push(cookie, 'org_1')).toBe(status)
  })

  it('knows nobody without a token, with one that has expired, was signed by somebody else, or is meant for another app', async () => {
    const unusable = ['', await cookies({ lifetime: -10 }), await cookies({ key: stranger.privateKey }), await cookies({ claims: { azp: 'https://evil.example' } })]
    for (const cookie of unusable) {
      expect(await session(cookie)).toMatchObject({ status: 'unauthenticated', userId: null })
      expect(await push(cookie, 'user_ann')).toBe(401)
    }
  })
})
