import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { createApp, defineEventHandler, getRequestURL, toNodeListener, toWebRequest, type EventHandler, type H3Event } from 'h3'
import { createSyncGateway, memoryBackend, type GatewaySession } from 'or3-sync/server'
import type { SyncSchema } from 'or3-sync/schema'
import { vi } from 'vitest'
import { todoSchema } from './todo-schema'

export const RECIPES = new URL('../fixtures/recipes/', import.meta.url).pathname

type SessionListener = (event: H3Event, ctx: { session: GatewaySession | null }) => Promise<void>
interface NitroLike { hooks: { hook: (name: string, listener: SessionListener) => void } }

/**
 * A server with the files of a recipe as an app has them: its session plugin asked by a real gateway, its other routes beside. What Nitro
 * does for them, and no more, is done here: auto-imports and the hook.
 */
export async function startRecipe({ plugin, routes = {} }: { plugin: string, routes?: Record<string, string> }) {
  for (const [name, value] of Object.entries({ defineNitroPlugin: (setup: unknown) => setup, defineEventHandler, toWebRequest, getRequestURL })) vi.stubGlobal(name, value)
  let listener: SessionListener | undefined
  const setup = await load<(nitro: NitroLike) => void>(plugin)
  setup({ hooks: { hook: (name, added) => { if (name === 'or3-sync:session') listener = added } } })

  const gateway = createSyncGateway({
    schema: todoSchema as unknown as SyncSchema,
    backend: memoryBackend(),
    session: async (event) => {
      const ctx: { session: GatewaySession | null } = { session: null }
      await listener!(event, ctx)
      return ctx.session
    },
    sessionCheckMs: 20,
  })
  const app = createApp().use(gateway)
  for (const [path, file] of Object.entries(routes)) app.use(path, await load<EventHandler>(file))
  const server = createServer(toNodeListener(app))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    origin,
    get: async (path: string, headers: Record<string, string> = {}) => await fetch(origin + path, { headers }),
    post: async (path: string, body: unknown, headers: Record<string, string> = {}) => await fetch(origin + path, {
      method: 'POST', headers: { 'content-type': 'application/json', origin, ...headers }, body: JSON.stringify(body),
    }),
    async stop() {
      await gateway.close()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      vi.unstubAllGlobals()
    },
  }
}

export type RecipeServer = Awaited<ReturnType<typeof startRecipe>>

async function load<T>(file: string): Promise<T> {
  return (await import(/* @vite-ignore */ pathToFileURL(RECIPES + file).href) as { default: T }).default
}
