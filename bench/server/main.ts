import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApp, toNodeListener } from 'h3'
import { createSyncGateway, sqliteBackend } from 'or3-sync/server'
import { schema } from '../page/schema'
import { FloorStore } from './floor-store'
import { serveRelay } from './relay'

/** `node server.mjs <folder of the page bundles> <folder of the databases>` starts the server and prints its port once it listens. */
const [, , bundles, data] = process.argv
if (!bundles || !data) throw new Error('name the folder of the page bundles and the folder of the databases')

const WORKSPACES = Array.from({ length: 500 }, (_, index) => ({ id: `bench-${index}`, name: 'Benchmark', role: 'owner' as const }))

const floor = new FloorStore(join(data, 'floor.sqlite'))
const gateway = createSyncGateway({
  schema,
  backend: sqliteBackend({ path: join(data, 'engine.sqlite') }),
  session: () => ({ userId: 'bench', name: 'Benchmark', workspaces: WORKSPACES }),
})
const engine = toNodeListener(createApp().use(gateway))

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname.startsWith('/api/sync/')) return engine(request, response)
  if (url.pathname === '/floor/rows') return void floor.handle(request, response, url)
  const page = /^\/(floor|engine|shapes)(\.js)?$/.exec(url.pathname)
  if (!page) return response.writeHead(404).end()
  if (page[2]) return response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(join(bundles, `${page[1]}.js`)))
  return response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>${page[1]}</title><script type="module" src="/${page[1]}.js"></script>`)
})
serveRelay(server)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') process.stdout.write(`${address.port}\n`)
})
