import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { DatabaseSync } from 'node:sqlite'
import { createApp, getRequestHeader, toNodeListener } from 'h3'
import { createSyncGateway, jsonLogger, sqliteBackend } from 'or3-sync/server'
import { soakSchema, WORKSPACE } from '../soak-schema.ts'
import type { SoakServerOptions } from './server-options.ts'

/** `node server.mjs <SoakServerOptions as JSON>` starts a gateway on SQLite and sends its port to the parent. It ends with a signal only. */
const options = JSON.parse(process.argv[2]!) as SoakServerOptions
const backend = sqliteBackend({ path: options.path })
const { db } = (backend as unknown as { connection: { db: DatabaseSync } }).connection
// The store has no such settings: it always runs with FULL. The power cuts compare it with what it would lose otherwise.
if (options.synchronous) db.exec(`PRAGMA synchronous = ${options.synchronous}`)
if (options.checkpointPages) db.exec(`PRAGMA wal_autocheckpoint = ${options.checkpointPages}`)

const gateway = createSyncGateway({
  schema: soakSchema,
  backend,
  session: (event) => {
    const userId = getRequestHeader(event, 'x-user')
    return userId ? { userId, workspaces: [{ id: WORKSPACE, role: 'editor' }] } : null
  },
  // Limits of one user, but all devices are few users here.
  rateLimits: { push: Infinity, pull: Infinity, cursor: Infinity },
  logger: jsonLogger({ write: line => process.stderr.write(line), level: () => 'error' }),
})

const sync = toNodeListener(createApp().use(gateway))
const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname
  if (path.startsWith('/api/sync/')) return sync(request, response)
  if (!options.page) return response.writeHead(404).end()
  if (path === '/device.js') return response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(options.page))
  return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>device</title><script type="module" src="/device.js"></script>')
})
server.listen(options.port, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') process.send?.({ port: address.port })
})
