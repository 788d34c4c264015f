import { createServer } from 'node:http'
import type { DatabaseSync } from 'node:sqlite'
import { createApp, getRequestHeader, toNodeListener } from 'h3'
import { createSyncGateway, jsonLogger, sqliteBackend } from 'or3-sync/server'
import { soakSchema } from '../soak-schema.ts'
import { WORKSPACE } from '../workspace.ts'
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

const server = createServer(toNodeListener(createApp().use(gateway)))
server.listen(options.port, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') process.send?.({ port: address.port })
})
// The run was ended from outside.
process.on('disconnect', () => process.exit(0))
