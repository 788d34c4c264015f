import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { getMigrations } from 'better-auth/db/migration'
import type { BetterAuthOptions } from 'better-auth'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { wireOp } from '../../../src/testing/contract/make-op'
import { RECIPES, startRecipe, type RecipeServer } from '../../support/start-recipe'

let folder: string
let server: RecipeServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'or3-better-auth-'))
  vi.stubEnv('AUTH_SQLITE_PATH', join(folder, 'auth.sqlite'))
  vi.stubEnv('BETTER_AUTH_SECRET', 'a secret of a test, thirty-two characters and more')
  const { auth } = await import(/* @vite-ignore */ pathToFileURL(`${RECIPES}better-auth/server/utils/auth.ts`).href) as { auth: { options: BetterAuthOptions } }
  await (await getMigrations(auth.options)).runMigrations()
  server = await startRecipe({ plugin: 'better-auth/server/plugins/sync-session.ts', routes: { '/api/auth': 'better-auth/server/api/auth/[...all].ts' } })
})
afterAll(async () => {
  await server.stop()
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

async function signUp(name: string): Promise<{ cookie: string, id: string }> {
  const response = await server.post('/api/auth/sign-up/email', { name, email: `${name}@example.com`, password: 'correct horse battery' })
  expect(response.status, await response.clone().text()).toBe(200)
  const cookie = response.headers.getSetCookie().map(each => each.split(';', 1)[0]).join('; ')
  return { cookie, id: (await response.json() as { user: { id: string } }).user.id }
}
const session = async (cookie: string) => await (await server.get('/api/sync/session', { cookie })).json() as { status: string, userId: string | null, workspaces: unknown[] }
const push = async (cookie: string, workspaceId: string) => (await server.post('/api/sync/push', { scope: { workspaceId }, ops: [wireOp({ table: 'todos' })] }, { cookie })).status

describe('the recipe for Better Auth', () => {
  it('knows who has signed up, with a personal workspace', async () => {
    const { cookie, id } = await signUp('ann')
    expect(await session(cookie)).toMatchObject({ status: 'authenticated', userId: id, workspaces: [{ id, name: 'Personal', role: 'owner' }] })
    expect(await push(cookie, id)).toBe(200)
  })

  it('knows nobody without a cookie, with one that was made up, and after signing out', async () => {
    const { cookie, id } = await signUp('bob')
    expect(await session('')).toMatchObject({ status: 'unauthenticated', userId: null })
    expect(await session(cookie.replace(/=.{8}/, '=AAAAAAAA'))).toMatchObject({ status: 'unauthenticated' })
    expect((await server.post('/api/auth/sign-out', {}, { cookie })).status).toBe(200)
    expect([await session(cookie), await push(cookie, id)]).toMatchObject([{ status: 'unauthenticated' }, 401])
  })

  it('takes the organizations of the user as workspaces, with their roles, as they are now', async () => {
    const [owner, guest] = [await signUp('carol'), await signUp('dan')]
    const created = await server.post('/api/auth/organization/create', { name: 'Team', slug: 'team' }, { cookie: owner.cookie })
    const { id } = await created.json() as { id: string }
    expect((await session(owner.cookie)).workspaces).toContainEqual({ id, name: id, role: 'owner' })
    expect([await push(owner.cookie, id), await push(guest.cookie, id)]).toEqual([200, 403])

    const invited = await server.post('/api/auth/organization/invite-member', { email: 'dan@example.com', role: 'member', organizationId: id }, { cookie: owner.cookie })
    const { id: invitationId } = await invited.json() as { id: string }
    await server.post('/api/auth/organization/accept-invitation', { invitationId }, { cookie: guest.cookie })
    expect((await session(guest.cookie)).workspaces).toContainEqual({ id, name: id, role: 'editor' })
    expect(await push(guest.cookie, id)).toBe(200)
    await server.post('/api/auth/organization/remove-member', { memberIdOrEmail: 'dan@example.com', organizationId: id }, { cookie: owner.cookie })
    expect(await push(guest.cookie, id)).toBe(403)
  })

  it('ends the open stream of a session that was signed out', async () => {
    const { cookie, id } = await signUp('eve')
    const stream = await server.get(`/api/sync/subscribe?workspaceId=${id}`, { cookie })
    expect(stream.status).toBe(200)
    await server.post('/api/auth/sign-out', {}, { cookie })
    expect(await stream.text()).toContain('event: changes')
  })
})
