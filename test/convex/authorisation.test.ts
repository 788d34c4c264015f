import { beforeEach, describe, expect, it } from 'vitest'
import { SERVICE_SUBJECT } from 'or3-sync/convex'
import { wireOp } from './support/wire-op'
import { refusalOf } from './support/refusal-of'
import { api, openDeployment } from './support/open-deployment'
import type { TestDeployment } from './support/open-deployment'

const CALLS = {
  push: (t: Caller, workspaceId: string) => t.mutation(api.sync.push, { workspaceId, ops: [wireOp({ pk: 'a' })] }),
  pull: (t: Caller, workspaceId: string) => t.query(api.sync.pull, { workspaceId, cursor: 0, limit: 10 }),
  watchChanges: (t: Caller, workspaceId: string) => t.query(api.sync.watchChanges, { workspaceId }),
  updateDeviceCursor: (t: Caller, workspaceId: string) => t.mutation(api.sync.updateDeviceCursor, { workspaceId, deviceId: 'device-1', version: 0 }),
}
type Caller = Pick<TestDeployment, 'query' | 'mutation'>
type Call = keyof typeof CALLS

// Ada owns w1, Bob edits it, Cleo views it; Eve owns w3 alone.
const MATRIX: [who: string | null, workspaceId: string, refused: Partial<Record<Call, string>>][] = [
  ['ada', 'w1', {}],
  ['bob', 'w1', {}],
  ['cleo', 'w1', { push: 'READ_ONLY' }],
  ['eve', 'w3', {}],
  ...[['eve', 'w1'], ['ada', 'w3'], ['bob', 'w3'], ['cleo', 'w3'], ['bob', 'w2'], [null, 'w1'], ['nobody', 'w1'], ['ada', 'no such workspace']].map(([who, workspaceId]) =>
    [who, workspaceId, { push: 'UNAUTHORIZED', pull: 'UNAUTHORIZED', watchChanges: 'UNAUTHORIZED', updateDeviceCursor: 'UNAUTHORIZED' }] as (typeof MATRIX)[number]),
  // The gateway itself reads version numbers, of any workspace, and nothing else.
  [SERVICE_SUBJECT, 'w1', { push: 'UNAUTHORIZED', pull: 'UNAUTHORIZED', updateDeviceCursor: 'UNAUTHORIZED' }],
  [SERVICE_SUBJECT, 'w3', { push: 'UNAUTHORIZED', pull: 'UNAUTHORIZED', updateDeviceCursor: 'UNAUTHORIZED' }],
]
const CASES = MATRIX.flatMap(([who, workspaceId, refused]) =>
  (Object.keys(CALLS) as Call[]).map(call => ({ who, workspaceId, call, answer: refused[call] ?? 'allowed' })))

describe('who may call what', () => {
  let deployment: TestDeployment
  beforeEach(async () => { deployment = await openDeployment() })

  const as = (who: string | null): Caller => who === null ? deployment : deployment.withIdentity({ subject: who })
  const documents = () => deployment.run(async ({ db }) => [
    ...await db.query('change_log').collect(), ...await db.query('sync_payloads').collect(), ...await db.query('sync_counters').collect(),
    ...await db.query('device_cursors').collect(), ...await db.query('sync_results').collect(),
  ])

  it.each(CASES)('$call by $who in $workspaceId: $answer', async ({ who, workspaceId, call, answer }) => {
    expect(await refusalOf(CALLS[call](as(who), workspaceId))).toBe(answer)
    // A refused call has changed nothing.
    if (answer !== 'allowed') expect(await documents()).toEqual([])
  })

  it('pitfall 29: a role in one workspace says nothing about another', async () => {
    await deployment.run(({ db }) => db.insert('members', { workspace_id: 'w3', user_id: 'ada', role: 'viewer' }))
    expect(await refusalOf(CALLS.push(as('ada'), 'w3'))).toBe('READ_ONLY')
    expect(await refusalOf(CALLS.push(as('ada'), 'w1'))).toBe('allowed')
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
    expect(again.results[0]).toEqual({ opId: secret.stamp.opId, success: true, applied: true, serverVersion: 1 })
  })

  it('lets nobody call what is internal', async () => {
    const { gc, newEpoch } = await import('./support/deployment/sync')
    expect([gc, newEpoch].map(fn => [(fn as { isInternal?: boolean }).isInternal, (fn as { isPublic?: boolean }).isPublic])).toEqual([[true, undefined], [true, undefined]])
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
