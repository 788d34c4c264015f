import appSchema from '#or3-sync-virtual/schema'
import { version as moduleVersion } from '#or3-sync-virtual/version'
import type { SyncHooks } from '../core/sync/context/sync-hooks'
import { gatewayFetch } from '../app/gateway-fetch'
import { useSyncClient } from '../app/sync-client'
import type { SyncSchema } from '../shared/sync/schema/sync-schema'
import type { SyncRole } from '../shared/sync/protocol/types'
import { findHost, type InspectorBridge, type InspectorWindow } from './bridge/inspector-bridge'
import { mayInspect } from './bridge/may-inspect'
import { GatewayLink } from './network/gateway-link'

export interface AttachOptions {
  hooks: SyncHooks
  isDev: boolean
  /** The lowest role that may look. Null: anybody. */
  role: SyncRole | null
}

/** Lets this page be inspected. Must be called before its engine is made, so that no request is missed. */
export function attachInspector({ hooks, isDev, role }: AttachOptions): InspectorBridge {
  const link = new GatewayLink({ fetch: (...args) => globalThis.fetch(...args) })
  gatewayFetch.current = link.fetch
  const bridge: InspectorBridge = {
    async open() {
      const client = useSyncClient()!
      const session = await client.session?.first()
      if (role && !mayInspect(session?.role ?? null, role)) return { kind: 'refused', role }
      // The engine runs without it, and so does the inspector.
      const diagnosis = await client.diagnosis?.catch(() => null) ?? null
      const { createSource } = await import('./source/create-source')
      return { kind: 'source', source: createSource({ client, hooks, schema: appSchema as unknown as SyncSchema, diagnosis, link, moduleVersion, isDev }) }
    },
  }
  window.__or3Sync = bridge
  return bridge
}

/** The page around this one that is to be inspected. Null: there is none. */
export function hostOfInspector(): InspectorBridge | null {
  return findHost(window as unknown as InspectorWindow)
}

/** Shows the inspector in the place of the app. */
export async function showInspector(bridge: InspectorBridge): Promise<void> {
  const { mountInspector } = await import('./page/mount-inspector')
  await mountInspector(bridge)
}
