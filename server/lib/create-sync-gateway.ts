import type { Readable } from 'node:stream'
import { defineEventHandler } from 'h3'
import type { EventHandler, H3Event } from 'h3'
import { GATEWAY_BASE } from '#or3-sync/shared/sync/protocol/limits'
import type { PageReader } from '#or3-sync/shared/sync/query/page-reader'
import type { EraseCounts, GcCounts } from './backends/backend'
import { exportWorkspace } from './service/export-workspace'
import { openRows } from './service/open-rows'
import type { RowAccess, TableSchemas } from './service/table-edits'
import { GatewayContext } from './context/gateway-context'
import { GatewayError } from './errors/gateway-error'
import type { GatewayOptions } from './context/gateway-options'
import { handleRequest } from './requests/handle-request'
import type { GatewayRoute } from './requests/handle-request'
import { PageReads } from './requests/page-reads'
import { cursorRoute } from './routes/cursor'
import { healthRoute } from './routes/health'
import { jwksRoute } from './routes/jwks'
import { metricsRoute } from './routes/metrics'
import { pullRoute } from './routes/pull'
import { pushRoute } from './routes/push'
import { sessionRoute } from './routes/session'
import { subscribeRoute } from './routes/subscribe'
import { tokenRoute } from './routes/token'

const ROUTES = {
  push: { method: 'POST', path: '/push', handle: pushRoute },
  pull: { method: 'POST', path: '/pull', handle: pullRoute },
  cursor: { method: 'POST', path: '/cursor', handle: cursorRoute },
  subscribe: { method: 'GET', path: '/subscribe', handle: subscribeRoute },
  session: { method: 'GET', path: '/session', handle: sessionRoute },
  token: { method: 'GET', path: '/token', handle: tokenRoute },
  jwks: { method: 'GET', path: '/.well-known/jwks.json', handle: jwksRoute },
  metrics: { method: 'GET', path: '/metrics', handle: metricsRoute },
  health: { method: 'GET', path: '/health', handle: healthRoute },
} satisfies Record<string, { method: string, path: string, handle: GatewayRoute }>

export type GatewayRouteName = keyof typeof ROUTES

/** `Tables`: the schemas of the app's tables, by table. Default: any tables. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a gateway of any schema is a `SyncGateway`, although its rows have other types
export interface SyncGateway<Tables extends TableSchemas = any> extends EventHandler, RowAccess<Tables> {
  /** Each route by itself, for a host that does its own routing. */
  readonly routes: Readonly<Record<GatewayRouteName, EventHandler>>
  /**
   * What `useLiveQuery` uses while a page is rendered: reads as the user who makes this request, in one of their workspaces. Gives the same
   * reader each time it is called with the same event. Null: sync is off, nobody is signed in, or the user has no workspace. Never throws.
   */
  pageReader(event: H3Event): Promise<PageReader | null>
  /** How many change streams are open. */
  readonly feeds: { readonly streams: number }
  /** Removes tombstones from the feed that every live device has seen, or that are older than the retention. */
  gc(): Promise<GcCounts>
  /**
   * Every record of the workspace that is not deleted, as UTF-8 NDJSON: one `SyncChange` per line, with the payload. Read in slices, at the
   * reader's pace. A record that is edited meanwhile may come twice: the last line counts.
   */
  exportWorkspace(workspaceId: string): Readable
  /**
   * Removes everything the store holds of the workspace, for good. Take away its members first. A device that may still write there removes
   * its rows too, but then pushes the edits that it had not pushed yet.
   */
  eraseWorkspace(workspaceId: string): Promise<EraseCounts>
  /** Call it after the store was restored from a backup. Devices then compare everything with the store, and lose nothing. */
  newEpoch(): Promise<string>
  /** Ends the open streams, before a server stops. Clients come back by themselves. */
  endStreams(): void
  /** Call it when the server is to stop. It ends the streams, takes no new ones, and resolves when all running requests are answered. */
  drain(): Promise<void>
  /** Drains, and closes the store. */
  close(): Promise<void>
}

/**
 * The sync gateway as an h3 handler for `/api/sync/…`, mounted at the root or at its own prefix. It knows nothing of Nuxt:
 * `createApp().use(createSyncGateway({ schema, backend, session }))` is a server.
 *
 * @throws Error of one line for an unknown option, or a value that is not accepted
 */
export function createSyncGateway<Tables extends TableSchemas>(given: GatewayOptions<Tables>): SyncGateway<Tables> {
  const context = new GatewayContext(given as GatewayOptions)
  const { options } = context
  const handler = (name: string, route: GatewayRoute) => defineEventHandler(event => handleRequest(event, context, route, name))
  const routes = Object.fromEntries(Object.entries(ROUTES).map(([name, route]) => [name, handler(name, route.handle)])) as Record<GatewayRouteName, EventHandler>
  const pages = new PageReads(context)
  const all = defineEventHandler((event) => {
    const found = findRoute(event)
    return found && handleRequest(event, context, found.handle, found.name)
  })
  options.metrics?.attach({ streams: () => context.streams.count, heldBytes: () => context.work.heldBytes })
  void prepareStore(context, false)
  return Object.assign(all, {
    routes,
    pageReader: (event: H3Event) => pages.readerOf(event),
    feeds: context.feeds,
    ...openRows<Tables>(context.service, () => context.isEnabled()),
    gc: () => collectGarbage(context),
    exportWorkspace: (workspaceId: string) => exportWorkspace(options.backend, workspaceId),
    eraseWorkspace: (workspaceId: string) => options.backend.erase(workspaceId),
    newEpoch: () => options.backend.newEpoch(),
    endStreams: () => endStreams(context, false),
    drain: () => drain(context),
    close: async () => {
      await drain(context)
      context.changes?.stop()
      await options.backend.close()
    },
  })
}

function endStreams({ streams, feeds }: GatewayContext, forGood: boolean): void {
  feeds.close()
  streams.endAll(forGood)
}

/** Waits for running requests. A body that is still arriving gets as much time as any other. */
async function drain(context: GatewayContext): Promise<void> {
  endStreams(context, true)
  await context.requests.finished(context.settings.bodyTimeoutMs)
}

async function collectGarbage(context: GatewayContext): Promise<GcCounts> {
  const { options: { backend, metrics, logger }, settings: { retentionMs, cursorExpiryMs } } = context
  const startedAt = performance.now()
  const counts = await backend.gc({
    now: context.now(), retentionMs, cursorExpiryMs, purgeBefore: context.purgeBefore(),
  })
  const ms = Math.round(performance.now() - startedAt)
  metrics?.collected(counts, ms / 1_000)
  logger?.info?.('[or3-sync] garbage collected', { ...counts, ms })
  await prepareStore(context, true)
  return counts
}

/** Lets the store make the indexes that queries of pages need. Without them it still answers, so a failure is only logged. */
async function prepareStore({ options: { backend, schema, logger } }: GatewayContext, mayTakeLong: boolean): Promise<void> {
  try { await backend.prepare?.({ schema, mayTakeLong }) }
  catch (error) { logger?.warn('[or3-sync] the store could not make its indexes for queries of pages; it tries again at the next garbage collection', { error }) }
}

/** The route of a path, or one that refuses. Undefined for a path outside the gateway: the next handler takes it. */
function findRoute(event: H3Event): { name: string, handle: GatewayRoute } | undefined {
  const path = pathBelowBase(event)
  if (path === undefined) return undefined
  const found = Object.entries(ROUTES).find(([, route]) => route.path === path)
  // All unknown paths share one name. Otherwise anybody could create metrics labels without end.
  if (!found) return { name: 'unknown', handle: refuse(new GatewayError(404, 'NOT_FOUND', `there is no such sync route${path.startsWith(GATEWAY_BASE) ? `; the path has ${GATEWAY_BASE} twice: a baseURL ends before it` : ''}`)) }
  const [name, route] = found
  if (route.method === event.method) return { name, handle: route.handle }
  return { name, handle: refuse(new GatewayError(405, 'NOT_FOUND', `use ${route.method} for ${route.path}`, { allow: route.method })) }
}

/** h3 removes the prefix from `event.path` if the gateway is mounted at one. `originalUrl` still has it. */
function pathBelowBase(event: H3Event): string | undefined {
  const path = event.path.split('?', 1)[0]!
  if (path === GATEWAY_BASE || path.startsWith(`${GATEWAY_BASE}/`)) return path.slice(GATEWAY_BASE.length)
  const original = (event.node.req as { originalUrl?: string }).originalUrl?.split('?', 1)[0]
  return original?.endsWith(`${GATEWAY_BASE}${path}`) ? path : undefined
}

function refuse(error: GatewayError): GatewayRoute {
  return () => Promise.reject(error)
}
