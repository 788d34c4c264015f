import { replicateRxCollection, type PullResult, type ReplicationState, type WithDeleted } from 'rxdb/plugins/replication'
import { Subject } from 'rxjs'
import type { Row } from '../../page/rows'

export interface Checkpoint { next: number }

const BATCH = 1_000

type Page = PullResult<Row, Checkpoint>

/** Replicates with the benchmark's plain store over HTTP. What others write comes through a WebSocket, rows and all. */
export async function replicate(collection: unknown, workspace: string): Promise<ReplicationState> {
  const stream = new Subject<Page | 'RESYNC'>()
  const socket = new WebSocket(`ws://${location.host}/floor/relay?workspace=rxdb-${workspace}`)
  socket.onmessage = event => stream.next(toPage(JSON.parse(event.data as string) as { rows: Row[], next: number }))
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = reject
  })
  const path = `/rxdb/rows?workspace=${workspace}`
  return replicateRxCollection<Row, Checkpoint>({
    collection,
    replicationIdentifier: `bench-${workspace}`,
    live: true,
    pull: {
      batchSize: BATCH,
      stream$: stream,
      handler: async (checkpoint, limit) => {
        const response = await fetch(`${path}&after=${checkpoint?.next ?? 0}&limit=${limit}`)
        return toPage(await response.json() as { rows: Row[], next: number })
      },
    },
    push: {
      batchSize: BATCH,
      handler: async (rows) => {
        const response = await fetch(path, { method: 'POST', body: JSON.stringify(rows.map(({ newDocumentState }) => toRow(newDocumentState))) })
        if (!response.ok) throw new Error(`the store answered ${response.status}`)
        return []
      },
    },
  })
}

function toPage({ rows, next }: { rows: Row[], next: number }): Page {
  return { documents: rows.map(row => ({ ...row, _deleted: false })), checkpoint: { next } }
}

function toRow({ _deleted, ...row }: WithDeleted<Row>): Row {
  return row
}
