import { createHooks } from 'hookable'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import type { ChangedInfo } from 'or3-sync/server'
import type { SyncSchema } from 'or3-sync/schema'
import { createStorage } from 'unstorage'
import { vi } from 'vitest'
import schema from '../../playground/shared/sync.schema'
import { wireOp } from '../../src/testing/contract/make-op'
import type { OpOptions } from '../../src/testing/contract/make-op'
import { startTestGateway } from '../unit/server/support/test-gateway'
import { RECIPES } from './start-recipe'

/**
 * A gateway whose `or3-sync:changed` reaches a plugin of the recipes, as an app has it. What Nitro does for the plugin, and no more, is done
 * here: auto-imports, the hook, a storage, and a `$fetch` that posts.
 */
export async function startChangedRecipe(plugin: string, globals: Record<string, unknown> = {}) {
  const hooks = createHooks()
  const server = await startTestGateway({ schema: schema as unknown as SyncSchema, onChanged: async (info) => { await hooks.callHook('or3-sync:changed', info) } })
  const { gateway } = server
  const storage = createStorage()
  const auto = { defineNitroPlugin: (setup: unknown) => setup, defineTask: (task: unknown) => task, useSyncGateway: () => gateway, useStorage: () => storage, $fetch: post, ...globals }
  for (const [name, value] of Object.entries(auto)) vi.stubGlobal(name, value)
  // Each test gets a plugin and utilities of its own.
  vi.resetModules()
  const setup = await loadRecipe<(nitro: { hooks: typeof hooks }) => void>(plugin)
  setup({ hooks })
  const told: ChangedInfo[] = []
  hooks.hook('or3-sync:changed', (info: ChangedInfo) => { told.push(info) })
  return {
    gateway, storage, told,
    /** As a device of Ada's does it, in the workspace `w1`. */
    push: async (...ops: OpOptions[]) => await server.push(ops.map(wireOp)),
    stop: async () => {
      await server.stop()
      vi.unstubAllGlobals()
    },
  }
}

/** A file of the recipe, from `test/fixtures/recipes/changed`. */
export async function loadRecipe<T>(file: string): Promise<T> {
  const loaded = await import(/* @vite-ignore */ pathToFileURL(`${RECIPES}changed/${file}`).href) as { default?: T } & T
  return loaded.default ?? loaded
}

async function post(url: string, { body }: { body: unknown }): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`answered ${response.status}`)
}

/** Takes what is posted to it, while it is up. */
export async function startReceiver() {
  const received: unknown[] = []
  const receiver = { isUp: true, tries: 0, received, url: '', stop: async () => { await new Promise(resolve => server.close(resolve)) } }
  const server: Server = createServer((request, response) => {
    let text = ''
    request.on('data', chunk => text += chunk)
    request.on('end', () => {
      receiver.tries++
      if (receiver.isUp) received.push(JSON.parse(text))
      response.writeHead(receiver.isUp ? 204 : 503, { connection: 'close' }).end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return receiver
}
