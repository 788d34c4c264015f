import { createServer, type ServerResponse } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import type { ServerAnswer, ServerOrder } from '../../scripts/load/server-order'
import { textOf } from './text-of'

/**
 * `node floor-feed.mjs <file of the store> <port, 0 for any>`: the least server of a change feed. A push is one row in one transaction; then every
 * stream of its workspace gets the same text. It speaks as much of the gateway's protocol as the readers and writers of `scripts/load` need.
 */
const [, , path, port] = process.argv
const db = new DatabaseSync(path!)
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE rows (workspace TEXT, number INTEGER, id TEXT, json TEXT, PRIMARY KEY (workspace, id)) WITHOUT ROWID')
const insert = db.prepare('INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)')
const streams = new Map<string, Set<ServerResponse>>()
let version = 0

interface PushBody { scope: { workspaceId: string }, ops: { pk: string, payload: unknown }[] }

function push({ scope: { workspaceId }, ops }: PushBody): string {
  const from = version
  for (const { pk, payload } of ops) insert.run(workspaceId, ++version, pk, JSON.stringify(payload))
  const event = changesEvent(from, ops)
  for (const stream of streams.get(workspaceId) ?? []) stream.write(event)
  return JSON.stringify({ results: ops.map(() => ({ success: true, applied: true })) })
}

function changesEvent(from: number, changes: PushBody['ops']): string {
  return `event: changes\ndata: ${JSON.stringify({ from, nextCursor: version, changes: changes.map(({ pk, payload }) => ({ pk, payload })) })}\n\n`
}

function open(workspace: string, response: ServerResponse): void {
  const room = streams.get(workspace) ?? new Set()
  streams.set(workspace, room.add(response))
  response.on('close', () => room.delete(response))
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(changesEvent(0, []))
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/api/sync/subscribe') return open(url.searchParams.get('workspaceId') ?? '', response)
  void textOf(request).then(body => response.writeHead(200, { 'content-type': 'application/json' }).end(push(JSON.parse(body) as PushBody)))
})
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') process.send?.({ port: address.port })
})

process.on('message', (order: ServerOrder) => {
  if (order.do === 'stop') process.exit(0)
  globalThis.gc?.()
  process.send?.({ memory: process.memoryUsage().rss, streams: [...streams.values()].reduce((sum, room) => sum + room.size, 0) } satisfies ServerAnswer)
})
