import type { Bench } from '../bench.ts'
import { type Push, sendPushes } from '../load/send-pushes.ts'
import { makeRows, type Row } from '../page/rows.ts'
import type { Samples } from '../samples.ts'
import type { SubjectName } from '../subject-name.ts'

const OPS_A_PUSH = 100
const SENDERS = 4
/** Pushes of each sender for the warm-up and for each 1,000 rows of `--rows`. */
const PUSHES_PER_1000 = 5

/** Edits a second that a server on one core acknowledges, in pushes of 100, from four devices that each push to a workspace of their own. */
export async function measureServerOps(bench: Bench, name: SubjectName): Promise<Samples> {
  const pushes = Math.max(2, Math.round(bench.rows / 1_000 * PUSHES_PER_1000))
  const workspaces = Array.from({ length: SENDERS }, () => bench.nextWorkspace())
  const makePushes = (count: number) => workspaces.map(workspace => Array.from({ length: count }, () => makePush(name, workspace)))
  return await bench.withPinnedServer(async (server) => {
    await sendPushes(server.origin, makePushes(pushes), isGood)
    // The bodies are made before, so that the senders need as little of the machine as they can.
    const timed = makePushes(pushes * 2)
    const start = performance.now()
    await sendPushes(server.origin, timed, isGood)
    const seconds = (performance.now() - start) / 1_000
    for (const workspace of workspaces) {
      const { count } = await server.tell({ do: 'count', subject: name, workspace })
      if (count !== pushes * 3 * OPS_A_PUSH) throw new Error(`the store of ${name} holds ${count} of ${pushes * 3 * OPS_A_PUSH} rows`)
    }
    return { 'server-ops': [pushes * 2 * SENDERS * OPS_A_PUSH / seconds] }
  })
}

function isGood(answer: string): boolean {
  return !answer.includes('"success":false') && !answer.includes('"applied":false')
}

function makePush(name: SubjectName, workspace: string): Push {
  const rows = makeRows(OPS_A_PUSH)
  const cookie = `workspace=${workspace}`
  if (name === 'floor') return { path: `/floor/rows?workspace=${workspace}`, cookie, body: JSON.stringify(rows) }
  return { path: '/api/sync/push', cookie, body: JSON.stringify({ scope: { workspaceId: workspace }, ops: rows.map(row => toOp(row, workspace)) }) }
}

function toOp(row: Row, workspace: string) {
  const hlc = `${Date.now().toString(36).padStart(9, '0')}:0000:benchsender`
  return { tableName: 'items', operation: 'put', pk: row.id, payload: row, stamp: { deviceId: `sender-${workspace}`, opId: crypto.randomUUID(), hlc, clock: 1 }, base: null }
}
