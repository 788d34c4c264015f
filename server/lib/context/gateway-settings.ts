import { GATEWAY_SETTINGS } from '#or3-sync/shared/sync/settings/gateway-settings'
import { readSettings } from '#or3-sync/shared/sync/settings/read-settings'
import type { SettingValues } from '#or3-sync/shared/sync/settings/read-settings'
import type { Setting } from '#or3-sync/shared/sync/settings/setting'
import type { GatewayOptions } from './gateway-options'

/** The options that are objects and functions. Only their kind is checked. */
const PARTS = {
  schema: part('object'), backend: part('object'), session: part('function'), enabled: part('function'), rateLimiter: part('object'), logger: part('object'),
  metrics: part('object'), now: part('function'), onPushed: part('function'), onChanged: part('function'), hasChangedListeners: part('function'), tokens: part('object'),
} satisfies Record<Exclude<keyof GatewayOptions, keyof typeof GATEWAY_SETTINGS>, Setting<unknown>>

function part(kind: 'object' | 'function'): Setting<unknown> {
  return { fallback: undefined, accepted: kind === 'object' ? 'an object' : 'a function', isSecret: true, read: value => typeof value === kind ? value : undefined }
}

export type GatewaySettings = SettingValues<typeof GATEWAY_SETTINGS>

/**
 * The plain values among a gateway's options, with their defaults.
 *
 * @throws Error of one line for a value that is not accepted, or an option that is unknown or missing.
 */
export function readGatewaySettings(options: GatewayOptions): GatewaySettings {
  const { schema, backend, session, ...values } = readSettings({ ...GATEWAY_SETTINGS, ...PARTS }, { name: 'createSyncGateway options', values: options })
  const missing = Object.entries({ schema, backend, session }).find(([, part]) => part === undefined)
  if (missing) throw new Error(`[or3-sync] createSyncGateway needs the option ${missing[0]}`)
  return values
}
