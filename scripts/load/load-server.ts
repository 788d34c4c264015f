import { createServer } from 'node:http'
import { createApp, getRequestHeader, toNodeListener } from 'h3'
import { createSyncGateway, jsonLogger, sqliteBackend } from 'or3-sync/server'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'

/** `node server.mjs <file of the store> <port, 0 for any> <maxBytes, 0 for none>`: tells its parent the port, and its memory when asked. */
const [, , path, port, maxBytes] = process.argv

const schema = defineSyncSchema({
  version: 1,
  tables: { posts: { schema: z.object({ id: z.string(), text: z.string(), sentAt: z.number() }), primaryKey: 'id' } },
})

const gateway = createSyncGateway({
  schema,
  backend: sqliteBackend({ path, maxBytes: Number(maxBytes) || undefined }),
  // A user is named for the one workspace they are in: `<workspace>.<number>`.
  session: (event) => {
    const userId = getRequestHeader(event, 'x-user')
    return userId ? { userId, workspaces: [{ id: userId.split('.')[0]!, role: 'editor' }] } : null
  },
  logger: jsonLogger({ write: line => process.stderr.write(line), level: () => 'warn' }),
})

const server = createServer(toNodeListener(createApp().use(gateway)))
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') process.send?.({ port: address.port })
})
process.on('message', () => {
  globalThis.gc?.()
  process.send?.({ memory: process.memoryUsage().rss, streams: gateway.feeds.streams })
})
