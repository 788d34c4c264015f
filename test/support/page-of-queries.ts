import { parse, stringify } from 'devalue'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { Window } from 'happy-dom'
import type { Component } from 'vue'
import { answerPlan } from '#or3-sync/shared/sync/query/answer-plan'
import type { PageAnswer, PageReader } from '#or3-sync/shared/sync/query/page-reader'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import { toStoredRow } from '#or3-sync/shared/sync/rows/stored-row'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { EngineHarness } from './engine-harness'
import { loadSide } from './load-both-sides'
import { BASE, type SessionBrowser } from './session-browser'
import { todoSchema } from './todo-schema'

// Vue looks for the document when it is first imported, and to hydrate a Suspense.
const { document, SVGElement, Element } = new Window({ url: 'http://app/' })
Object.assign(globalThis, { document, SVGElement, Element })
export const vue = await import('vue')
// The engine would take this process for a browser.
Reflect.deleteProperty(globalThis, 'document')
const { renderToString } = await import('vue/server-renderer')
export const [server, browserSide] = [await loadSide('server'), await loadSide('browser')]

/** The composables of one side, for a component that both sides render. */
export type Side = Pick<typeof browserSide, 'useLiveQuery' | 'useSyncRow'>

const { tables } = todoSchema as unknown as SyncSchema

/** Answers a page's queries from the store, for one request. */
export class StoreReader implements PageReader {
  readonly plans: QueryPlan[] = []
  failure: Error | null = null
  /** In place of the store's. */
  epoch: string | null = null

  constructor(private readonly world: EngineHarness, readonly userId = 'ann', readonly workspaceId = 'w1') {}

  async read(plan: QueryPlan): Promise<PageAnswer> {
    this.plans.push(plan)
    if (this.failure) throw this.failure
    const { changes, latestVersion, epoch } = await this.world.provider('server').pull({ scope: { workspaceId: 'w1' }, cursor: 0, limit: 1_000 })
    const rows = changes.flatMap(({ tableName, op, payload, stamp }) => op === 'put' && tableName === plan.table ? [toStoredRow(tables[tableName]!, payload!, stamp)] : [])
    return { value: answerPlan(plan, rows, tables[plan.table]!.primaryKey), version: latestVersion!, epoch: this.epoch ?? epoch! }
  }
}

export interface RenderedPage {
  html: string
  /** As it travels. */
  payload: string
  warnings: string[]
}

/** Renders a page for a request. Null: nobody is signed in. Undefined: there is no gateway. */
export async function renderPage(make: (side: Side) => Component, reader: PageReader | null | undefined): Promise<RenderedPage> {
  const payload: Record<string, unknown> = {}
  const warnings: string[] = []
  server.nuxt.app = { payload, isHydrating: false, hooks: { hookOnce() {} }, event: { context: reader === undefined ? {} : { or3Sync: { reader: async () => reader } } } }
  const app = vue.createSSRApp(make(server))
  app.config.warnHandler = message => warnings.push(message)
  return { html: await renderToString(app), payload: stringify(payload), warnings }
}

const log = { debug() {}, info() {}, warn() {}, error() {} }

export interface BrowserOptions {
  world: EngineHarness
  browser: SessionBrowser
  indexedDB?: IDBFactory
}

/** Opens a rendered page in a browser and hydrates it. Sync starts with `begin`. */
export async function openRendered(page: RenderedPage, make: (side: Side) => Component, { world, browser, indexedDB = new IDBFactory() }: BrowserOptions) {
  const tab = browser.openTab({ factor: 50 })
  const client = new browserSide.SyncClient({ baseURL: BASE, provider: '', hooks: browserSide.createSyncHooks(log), log, indexedDB, IDBKeyRange, tellServer() {}, ...tab }, true)
  const engines: { close: () => Promise<void> }[] = []
  client.attach((options) => {
    const engine = browserSide.createSyncEngine({ ...options, indexedDB, IDBKeyRange, provider: world.provider('ann') })
    engines.push(engine)
    return engine
  })
  browserSide.setSyncClient(client)
  const hydrated: (() => void)[] = []
  const nuxt = { payload: parse(page.payload) as Record<string, unknown>, isHydrating: true, hooks: { hookOnce: (_: string, run: () => void) => { hydrated.push(run) } } }
  browserSide.nuxt.app = nuxt
  const root = document.createElement('div')
  root.innerHTML = page.html
  const app = vue.createSSRApp(make(browserSide))
  const warnings: string[] = []
  app.config.warnHandler = message => warnings.push(message)
  Object.assign(globalThis, { document })
  app.mount(root as never)
  Reflect.deleteProperty(globalThis, 'document')
  nuxt.isHydrating = false
  for (const run of hydrated) run()
  return {
    client, nuxt, root, warnings, indexedDB,
    begin: () => client.begin(),
    close: async () => {
      app.unmount()
      for (const engine of engines) await engine.close()
    },
  }
}
