import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROLES = ['owner', 'editor', 'viewer', 'none'] as const
type Role = typeof ROLES[number]
/** What a store may say. `nobody`: no session. `outsider`: no member. `read-only`: a viewer writes. */
export type Verdict = 'allowed' | 'nobody' | 'outsider' | 'read-only'

/** Who may do what, by the role in the workspace that the call speaks of. Nothing else counts. */
const ACCESS = {
  push: { owner: 'allowed', editor: 'allowed', viewer: 'read-only', none: 'outsider' },
  pull: { owner: 'allowed', editor: 'allowed', viewer: 'allowed', none: 'outsider' },
  watch: { owner: 'allowed', editor: 'allowed', viewer: 'allowed', none: 'outsider' },
  updateCursor: { owner: 'allowed', editor: 'allowed', viewer: 'allowed', none: 'outsider' },
} satisfies Record<string, Record<Role, Verdict>>

export type Action = keyof typeof ACCESS

export interface Caller {
  userId: string
  /** Roles by workspace; a workspace that is not named: no member. */
  roles: Record<string, Exclude<Role, 'none'>>
}

export interface AccessFixture {
  /** Makes the call into the workspace as this caller (null: nobody is signed in); a push writes one new record. */
  attempt: (action: Action, workspaceId: string, caller: Caller | null) => Promise<Verdict>
  /** How many records a workspace holds, whoever asks. */
  count: (workspaceId: string) => Promise<number>
  close: () => Promise<void>
}

/** The matrix of calls, roles and workspaces, for whatever answers them: the gateway's routes, Convex's functions. */
export function describeAccess(name: string, open: () => Promise<AccessFixture>): void {
  describe(`who may do what in ${name}`, () => {
    let store: AccessFixture
    beforeAll(async () => { store = await open() })
    afterAll(() => store.close())

    const actions = Object.keys(ACCESS) as Action[]
    const rows = actions.flatMap(action => ROLES.flatMap(here => ROLES.map(there => ({ action, here, there, verdict: ACCESS[action][here] }))))

    it.each(rows)('$action: role here $here, in another workspace $there: $verdict', async ({ action, here, there, verdict }) => {
      const ann: Caller = { userId: 'ann', roles: { ...here !== 'none' && { here }, ...there !== 'none' && { there } } }
      const bob: Caller = { userId: 'bob', roles: { here: 'owner', there: 'owner' } }
      const before = [await store.count('here'), await store.count('there')]
      expect(await store.attempt(action, 'here', ann)).toBe(verdict)
      const wrote = action === 'push' && verdict === 'allowed' ? 1 : 0
      expect([await store.count('here'), await store.count('there')]).toEqual([before[0]! + wrote, before[1]!])
      expect(await store.attempt(action, 'here', bob), 'another user\'s role is their own').toBe('allowed')
    })

    it.each(actions)('%s: nobody is signed in', async (action) => {
      const before = await store.count('here')
      expect(await store.attempt(action, 'here', null)).toBe('nobody')
      expect(await store.count('here')).toBe(before)
    })
  })
}
