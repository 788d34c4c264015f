import { convexTest } from 'convex-test'
import type { ApiFromModules } from 'convex/server'
import { anyApi } from 'convex/server'
import type { SyncRole } from '#or3-sync/shared/sync/protocol/types'
import schema from './deployment/schema'

/** The functions under test, by name. */
export const api = anyApi as unknown as ApiFromModules<{ sync: typeof import('./deployment/sync') }>

/** Members of every test: Ada owns w1 and w2, Bob edits w1, Cleo views it; Eve owns w3 alone. */
const MEMBERS: [workspaceId: string, userId: string, role: SyncRole][] = [
  ['w1', 'ada', 'owner'], ['w2', 'ada', 'owner'], ['nobody wrote here', 'ada', 'owner'], ['w1', 'bob', 'editor'], ['w1', 'cleo', 'viewer'], ['w3', 'eve', 'owner'],
]

/** A deployment in this process, on the official test library, which keeps to the real limits of a transaction. */
export async function openDeployment() {
  const deployment = convexTest({
    schema,
    // convex-test finds the folder of the functions by its `_generated`, which only a real deployment makes.
    modules: { './_generated/api.ts': async () => ({}), './sync.ts': () => import('./deployment/sync') },
    transactionLimits: true,
  })
  await deployment.run(async ({ db }) => {
    for (const [workspace_id, user_id, role] of MEMBERS) await db.insert('members', { workspace_id, user_id, role })
  })
  // Its first write gives a deployment its epoch; this one is in use.
  await deployment.mutation(api.sync.newEpoch, {})
  return deployment
}

export type TestDeployment = Awaited<ReturnType<typeof openDeployment>>
