import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { createApp, getCookie, toNodeListener } from 'h3'
import { createSyncGateway, sqliteBackend } from 'or3-sync/server'
import { schema } from '../page/schema'
import { FollowOrders } from './follow-orders'
import type { Order } from './orders'
import { EngineStore } from './stores/engine-store'
import { FloorStore } from './stores/floor-store'
import { serveRelay } from './relay'
import { textOf } from './text-of'

/** `node server.mjs <folder of the page bundles> <folder of the databases>` starts the server and prints its port once it listens. */
const [, , bundles, data] = process.argv
if (!bundles || !data) throw new Error('name the folder of the page bundles and the folder of the databases')

const UNLIMITED = Number.MAX_SAFE_INTEGER

const floor = new FloorStore(join(data, 'floor.sqlite'))
const backend = sqliteBackend({ path: join(data, 'engine.sqlite') })
const gateway = createSyncGateway({
  schema,
  backend,
  session: (event) => {
    const id = getCookie(event, 'workspace')
    return id ? { userId: 'bench', name: 'Benchmark', workspaces: [{ id, name: 'Benchmark', role: 'owner' }] } : null
  },
  // Everything is one user's. It is still counted, but nothing is refused.
  rateLimits: { push: UNLIMITED, pull: UNLIMITED, cursor: UNLIMITED, bytesIn: UNLIMITED, bytesOut: UNLIMITED },
})
const engine = toNodeListener(createApp().use(gateway))
/** RxDB's server: the floor's store, which also tells the others of each write. */
const rxdb = new FloorStore(join(data, 'rxdb.sqlite'), (workspace, rows, next) => broadcast(`rxdb-${workspace}`, JSON.stringify({ rows, next })))
const orders = new FollowOrders({ floor, rxdb, engine: new EngineStore(backend) })

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname.startsWith('/api/sync/')) return void await engine(request, response)
  if (url.pathname === '/floor/rows') return await floor.handle(request, response, url)
  if (url.pathname === '/rxdb/rows') return await rxdb.handle(request, response, url)
  if (url.pathname === '/orders') return void response.end(JSON.stringify(await orders.obey(JSON.parse(await textOf(request)) as Order)))
  servePage(response, url.pathname.slice(1))
}

/** `/name.js` is a bundle; `/name` is a page that runs the bundle of this name. */
function servePage(response: ServerResponse, name: string): void {
  if (!/^[\w-]+(?:\.js)?$/.test(name) || !existsSync(join(bundles!, name.endsWith('.js') ? name : `${name}.js`))) return void response.writeHead(404).end()
  if (name.endsWith('.js')) return void createReadStream(join(bundles!, name)).pipe(response.writeHead(200, { 'content-type': 'text/javascript' }))
  response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>${name}</title><body><script type="module" src="/${name}.js"></script>`)
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    process.stderr.write(`${request.url}: ${String(error)}\n`)
    response.writeHead(500).end(String(error))
  })
})
const broadcast = serveRelay(server)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') process.stdout.write(`${address.port}\n`)
})
