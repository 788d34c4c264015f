import type { AccessFixture, Action, Caller, Verdict } from '../../support/describe-access'
import { api, openDeployment } from './open-deployment'
import { refusalOf } from './refusal-of'
import { wireOp } from './wire-op'

type Client = Pick<Awaited<ReturnType<typeof openDeployment>>, 'query' | 'mutation'>

/** Convex's functions, for the matrix that the gateway's routes pass as well. Who may what is what the deployment's own table says. */
export async function openAccess(): Promise<AccessFixture> {
  const deployment = await openDeployment()
  let records = 0
  const calls: Record<Action, (client: Client, workspaceId: string) => Promise<unknown>> = {
    push: (client, workspaceId) => client.mutation(api.sync.push, { workspaceId, ops: [wireOp({ pk: `record-${++records}` })] }),
    pull: (client, workspaceId) => client.query(api.sync.pull, { workspaceId, cursor: 0, limit: 1 }),
    watch: (client, workspaceId) => client.query(api.sync.watchChanges, { workspaceId }),
    updateCursor: (client, workspaceId) => client.mutation(api.sync.updateDeviceCursor, { workspaceId, deviceId: 'device-1', version: 0 }),
  }
  const setRoles = ({ userId, roles }: Caller) => deployment.run(async ({ db }) => {
    for (const member of await db.query('members').collect()) if (member.user_id === userId) await db.delete(member._id)
    for (const [workspace_id, role] of Object.entries(roles)) await db.insert('members', { workspace_id, user_id: userId, role })
  })
  return {
    async attempt(action, workspaceId, caller) {
      if (caller) await setRoles(caller)
      const client = caller ? deployment.withIdentity({ subject: caller.userId }) : deployment
      return verdictOf(await refusalOf(calls[action](client, workspaceId)), caller)
    },
    count: workspaceId => deployment.run(async ({ db }) => (await db.query('change_log').withIndex('by_record', q => q.eq('workspace_id', workspaceId)).collect()).length),
    close: async () => {},
  }
}

/** The functions have one answer for nobody and for no member: `authorize` tells them as little as that. */
function verdictOf(answer: string, caller: Caller | null): Verdict {
  const verdict = ({ allowed: 'allowed', READ_ONLY: 'read-only', UNAUTHORIZED: caller ? 'outsider' : 'nobody' } as const)[answer]
  if (!verdict) throw new Error(`the functions answered ${answer}`)
  return verdict
}
