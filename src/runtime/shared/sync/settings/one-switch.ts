import type { PublicSettings } from './module-settings'

/** The two settings that both have to be true. */
export type SyncSwitches = Pick<PublicSettings, 'enabled' | 'ssrAuthEnabled'>

/** A line for when one switch is on and the other was probably forgotten. Null: both are on, or both are off. */
export function oneSwitch({ enabled, ssrAuthEnabled }: SyncSwitches): string | null {
  if (enabled === ssrAuthEnabled) return null
  const [on, off] = enabled ? ['OR3_SYNC_ENABLED', 'SSR_AUTH_ENABLED'] : ['SSR_AUTH_ENABLED', 'OR3_SYNC_ENABLED']
  return `[or3-sync] ${on} is true and ${off} is not, so sync is off; set ${off}=true as well before the server starts`
}
