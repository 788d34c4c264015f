import { createServer } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createApp, createRouter, defineEventHandler, getRequestHeader, getRouterParam, toNodeListener } from 'h3'
import { createSyncGateway, jsonLogger, sqliteBackend } from 'or3-sync/server'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { fillStore } from './fill-store.ts'
import type { ServerAnswer, ServerOrder } from './server-order.ts'

/** `node server.mjs <file of the store> <port, 0 for any> <maxBytes, 0 for none>` starts the server, sends its port to the parent and follows its orders. */
const [, , path, port, maxBytes] = process.argv

const text = z.object({ id: z.string(), text: z.string(), sentAt: z.number() })
const schema = defineSyncSchema({
  version: 1,
  tables: {
    posts: { schema: text, primaryKey: 'id' },
    notes: { schema: text, primaryKey: 'id' },
    lists: { schema: z.object({ id: z.string(), list: z.array(z.string().max(3)) }), primaryKey: 'id' },
  },
})

const backend = sqliteBackend({ path, maxBytes: Number(maxBytes) || undefined })
const gateway = createSyncGateway({
  schema,
  backend,
  // A user's name contains the one workspace that they are in: `<workspace>.<number>`. `stranger` is in none.
  session: (event) => {
    const userId = getRequestHeader(event, 'x-user')
    if (!userId) return null
    return { userId, workspaces: userId === 'stranger' ? [] : [{ id: userId.split('.')[0]!, role: 'editor' }] }
  },
  logger: jsonLogger({ write: line => process.stderr.write(line), level: () => 'error' }),
})

// The route that docs/operations.md shows.
const exports = createRouter().get('/export/:id', defineEventHandler(event => gateway.exportWorkspace(getRouterParam(event, 'id')!)))
const server = createServer(toNodeListener(createApp().use(gateway).use(exports)))
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') process.send?.({ port: address.port })
})

const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()

async function obey(order: ServerOrder): Promise<ServerAnswer> {
  switch (order.do) {
    case 'measure':
      globalThis.gc?.()
      return { memory: process.memoryUsage().rss, streams: gateway.feeds.streams }
    case 'reset': delay.reset()
      return {}
    case 'stall': return { stallMs: delay.max / 1e6, cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1_000 }
    case 'fill': await fillStore(backend, order)
      return {}
    case 'gc': await gateway.gc()
      return {}
    case 'erase': await gateway.eraseWorkspace(order.workspace)
      return {}
    case 'stop': await gateway.close()
      return process.exit(0)
  }
}

process.on('SIGTERM', () => process.exit(0))
process.on('message', (order: ServerOrder) => {
  obey(order).then(answer => process.send?.(answer), (error: unknown) => process.send?.({ error: String(error) }))
})
