import { beforeEach, describe, expect, it } from 'vitest'
import { SERVICE_SUBJECT } from 'or3-sync/convex'
import { describeAccess } from '../support/describe-access'
import { openAccess } from './support/open-access'
import { wireOp } from './support/wire-op'
import { refusalOf } from './support/refusal-of'
import { api, openDeployment } from './support/open-deployment'
import type { TestDeployment } from './support/open-deployment'

const CALLS = {
  push: (t: Caller, workspaceId: string, userId?: string) => t.mutation(api.sync.push, { workspaceId, ...userId !== undefined && { userId }, ops: [wireOp({ pk: 'a' })] }),
  pull: (t: Caller, workspaceId: string, userId?: string) => t.query(api.sync.pull, { workspaceId, ...userId !== undefined && { userId }, cursor: 0, limit: 10 }),
  watchChanges: (t: Caller, workspaceId: string, userId?: string) => t.query(api.sync.watchChanges, { workspaceId, ...userId !== undefined && { userId } }),
  updateDeviceCursor: (t: Caller, workspaceId: string, userId?: string) => t.mutation(api.sync.updateDeviceCursor, { workspaceId, ...userId !== undefined && { userId }, deviceId: 'device-1', version: 0 }),
}
type Caller = Pick<TestDeployment, 'query' | 'mutation'>
type Call = keyof typeof CALLS

describeAccess('Convex\'s functions', openAccess)

describe('beside roles', () => {
  let deployment: TestDeployment
  beforeEach(async () => { deployment = await openDeployment() })

  const as = (who: string | null): Caller => who === null ? deployment : deployment.withIdentity({ subject: who })
  const documents = () => deployment.run(async ({ db }) => [
    ...await db.query('change_log').collect(), ...await db.query('sync_payloads').collect(), ...await db.query('sync_counters').collect(),
    ...await db.query('device_cursors').collect(), ...await db.query('sync_results').collect(),
  ])

  it.each(Object.keys(CALLS) as Call[])('a %s that is refused writes nothing at all', async (call) => {
    for (const who of ['eve', 'nobody', null]) expect(await refusalOf(CALLS[call](as(who), 'w1')), String(who)).toBe('UNAUTHORIZED')
    expect(await refusalOf(CALLS[call](as('ada'), 'no such workspace'))).toBe('UNAUTHORIZED')
    expect(await documents()).toEqual([])
  })

  it('the gateway itself reads version numbers, of any workspace, and nothing else', async () => {
    for (const workspaceId of ['w1', 'w3']) {
      for (const call of Object.keys(CALLS) as Call[]) {
        expect(await refusalOf(CALLS[call](as(SERVICE_SUBJECT), workspaceId)), call).toBe(call === 'watchChanges' ? 'allowed' : 'UNAUTHORIZED')
      }
    }
    expect(await documents()).toEqual([])
  })

  it('F16: nobody acts as a member under the gateway\'s own identity, whatever the app\'s tables say', async () => {
    await deployment.run(({ db }) => db.insert('members', { workspace_id: 'w1', user_id: SERVICE_SUBJECT, role: 'owner' }))
    for (const call of Object.keys(CALLS) as Call[]) {
      expect(await refusalOf(CALLS[call](as(SERVICE_SUBJECT), 'w1')), call).toBe(call === 'watchChanges' ? 'allowed' : 'UNAUTHORIZED')
    }
  })

  it.each(Object.keys(CALLS) as Call[])('F13: a %s that is made for somebody else than who is signed in is refused', async (call) => {
    const answers = await Promise.all(['bob', 'ada', 'nobody'].map(userId => refusalOf(CALLS[call](as('bob'), 'w1', userId))))
    expect(answers).toEqual(['allowed', 'USER_CHANGED', 'USER_CHANGED'])
    expect(await refusalOf(CALLS[call](as('eve'), 'w1', 'bob')), 'eve is no member: the edits are still bob\'s').toBe('USER_CHANGED')
    expect(await refusalOf(CALLS[call](as('eve'), 'w1', 'eve'))).toBe('UNAUTHORIZED')
    expect(await refusalOf(CALLS[call](as(null), 'w1', 'bob')), 'nobody is signed in').toBe('UNAUTHORIZED')
  })

  it.each(Object.keys(CALLS) as Call[])('F17: a %s under a role that is none of ours is refused', async (call) => {
    await deployment.run(async ({ db }) => {
      for (const [user_id, role] of [['uma', 'banned'], ['ida', 'invited']] as const) await db.insert('members', { workspace_id: 'w1', user_id, role })
    })
    for (const who of ['uma', 'ida']) expect(await refusalOf(CALLS[call](as(who), 'w1')), who).toBe('UNAUTHORIZED')
  })

  it('reads membership from data at every call: one that has ended is over at once', async () => {
    await CALLS.push(as('bob'), 'w1')
    await deployment.run(async ({ db }) => {
      for (const member of await db.query('members').collect()) if (member.user_id === 'bob') await db.delete(member._id)
    })
    for (const call of Object.keys(CALLS) as Call[]) expect(await refusalOf(CALLS[call](as('bob'), 'w1')), call).toBe('UNAUTHORIZED')
  })

  it('pitfall 30: another user\'s device cursor stays where it is, whatever device id one names', async () => {
    await as('ada').mutation(api.sync.push, { workspaceId: 'w1', ops: [wireOp({ pk: 'a' }), wireOp({ pk: 'b' })] })
    await as('ada').mutation(api.sync.updateDeviceCursor, { workspaceId: 'w1', deviceId: 'device-1', version: 1 })
    await as('bob').mutation(api.sync.updateDeviceCursor, { workspaceId: 'w1', deviceId: 'device-1', version: 2 })
    const cursors = await deployment.run(async ({ db }) => (await db.query('device_cursors').collect()).map(({ user_id, cursor }) => [user_id, cursor]))
    expect(cursors).toEqual([['ada', 1], ['bob', 2]])
  })

  it('pitfall 31: nobody gets at another user\'s answers by sending that device\'s ops', async () => {
    const secret = wireOp({ pk: 'a', base: null, clock: 2 })
    await as('bob').mutation(api.sync.push, { workspaceId: 'w1', ops: [wireOp({ pk: 'a', device: 'device-2' })] })
    await as('ada').mutation(api.sync.push, { workspaceId: 'w1', ops: [secret] })
    const again = await as('eve').mutation(api.sync.push, { workspaceId: 'w3', ops: [secret] })
    expect(again.results[0]).toEqual({ opId: secret.stamp.opId, success: true, previous: null, applied: true, serverVersion: 1 })
  })

  it('lets nobody call what is internal', async () => {
    const { gc, erase, exportPage, newEpoch, write, get, list } = await import('./support/deployment/sync')
    for (const fn of [gc, erase, exportPage, newEpoch, write, get, list] as { isInternal?: boolean, isPublic?: boolean }[]) expect([fn.isInternal, fn.isPublic]).toEqual([true, undefined])
  })

  it.each([
    ['pull', { cursor: -1, limit: 10 }, 'cursor'], ['pull', { cursor: 0.5, limit: 10 }, 'cursor'], ['pull', { cursor: 0, limit: 0 }, 'limit'], ['pull', { cursor: 0, limit: 2_001 }, 'limit'],
    ['updateDeviceCursor', { deviceId: '', version: 0 }, 'deviceId'], ['updateDeviceCursor', { deviceId: 'd', version: Number.NaN }, 'version'],
  ] as const)('refuses a %s out of form, naming the field: %o', async (call, args, field) => {
    const t = as('ada')
    const answer = call === 'pull'
      ? t.query(api.sync.pull, { workspaceId: 'w1', ...args as { cursor: number, limit: number } })
      : t.mutation(api.sync.updateDeviceCursor, { workspaceId: 'w1', ...args as { deviceId: string, version: number } })
    expect(await refusalOf(answer, 'message')).toMatch(new RegExp(`^VALIDATION_ERROR ${field}:`))
  })
})
