import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { pathToFileURL } from 'node:url'
import { createApp, createRouter, defineEventHandler, getRouterParam, setResponseHeader, toNodeListener } from 'h3'
import type { EventHandler } from 'h3'
import { createSyncGateway, memoryBackend } from 'or3-sync/server'
import type { SyncSchema } from 'or3-sync/schema'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { RECIPES } from '../../support/start-recipe'
import { todoSchema } from '../../support/todo-schema'
import { acceptedOp } from '../server/support/make-op'

const FILE = 'server/api/admin/workspaces/[id]/export.get.ts'
/** Of about 128 KiB each: what one read of the store gives. */
const SLICES = 400
const ROW_TEXT = 'x'.repeat(1_300)

let server: Server
let port = 0
let slicesRead = 0

/** A workspace of 50 MB, made up as it is read. */
function endlessBackend() {
  const stamp = acceptedOp().stamp
  return Object.assign(memoryBackend(), {
    pull: async ({ cursor }: { cursor: number }) => {
      slicesRead++
      const rows = Array.from({ length: 100 }, (_, index) => ({ tableName: 'todos', pk: `${cursor + index + 1}`, serverVersion: cursor + index + 1, op: 'put' as const, payload: `{"text":"${ROW_TEXT}"}`, stamp }))
      return { rows, nextCursor: cursor + 100, hasMore: cursor + 100 < SLICES * 100, latestVersion: SLICES * 100, requiresRescan: false, epoch: 'e' }
    },
  })
}

beforeEach(async () => {
  const gateway = createSyncGateway({ schema: todoSchema as unknown as SyncSchema, backend: endlessBackend(), session: () => null })
  for (const [name, value] of Object.entries({ defineEventHandler, setResponseHeader, getRouterParam, requireAdmin: async () => {}, useSyncGateway: () => gateway })) vi.stubGlobal(name, value)
  const { default: route } = await import(/* @vite-ignore */ pathToFileURL(`${RECIPES}export/${FILE}`).href) as { default: EventHandler }
  server = createServer(toNodeListener(createApp().use(createRouter().get('/export/:id', route))))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  slicesRead = 0
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  vi.unstubAllGlobals()
})

/** Until nothing more is read. */
async function untilQuiet(): Promise<void> {
  for (let before = -1; before !== slicesRead;) {
    before = slicesRead
    await new Promise(resolve => setTimeout(resolve, 150))
  }
}

it('F38: the documented recipe reads the store at the pace of its reader, and sends everything', async () => {
  const reply = await new Promise<Socket>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.pause()
    socket.write('GET /export/w1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  })
  await untilQuiet()
  // What the buffers of a connection hold, and no more.
  expect(slicesRead).toBeGreaterThan(0)
  expect(slicesRead).toBeLessThan(SLICES / 2)
  let last = ''
  reply.on('data', (chunk) => { last = (last + chunk.toString('latin1')).slice(-4_000) })
  const ended = new Promise(resolve => reply.once('end', resolve))
  reply.resume()
  await ended
  expect(slicesRead).toBe(SLICES)
  expect(last).toContain(`"pk":"${SLICES * 100}"`)
})

it('F38: a reader that goes away ends the reading', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/export/w1`)
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  await response.body?.cancel()
  await untilQuiet()
  expect(slicesRead).toBeLessThan(SLICES)
})

it('is shown in docs/operations.md as it is tested', () => {
  const docs = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
  expect(docs).toContain(`\`\`\`ts\n// ${FILE}: for whoever may, which only your app knows\n${readFileSync(`${RECIPES}export/${FILE}`, 'utf8')}\`\`\``)
})
