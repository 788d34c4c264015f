import { getLayerDirectories } from '@nuxt/kit'
import { nearestName } from '../../../runtime/shared/sync/schema/nearest-name'
import { filesIn } from '../app-files'
import { Findings, type Finding } from '../finding'
import type { ExaminedApp } from '../read-app'

const BUILT_IN = ['gateway', 'convex']

/** Whether the provider that the settings name exists. It reads the app's files as text. */
export function checkProvider({ nuxt, settings: { values: { provider, convexUrl }, hasTokenKey } }: Pick<ExaminedApp, 'nuxt' | 'settings'>): Finding[] {
  const findings = new Findings('provider')
  if (provider === 'convex' && !convexUrl) findings.warning('the provider is "convex" and no Convex URL is set, so sync goes through the gateway', 'set VITE_CONVEX_URL, or remove OR3_SYNC_PROVIDER')
  else if (provider === 'convex' && !hasTokenKey) findings.warning('the provider is "convex" and there is no key for tokens, so sync goes through the gateway', 'set OR3_SYNC_TOKEN_KEY')
  else if (provider === '' || BUILT_IN.includes(provider)) findings.ok(`the provider is ${provider || 'gateway, or the only one that the app registers'}`)
  else if (registers(provider, nuxt)) findings.ok(`the provider is "${provider}", which the app registers`)
  else {
    const nearest = nearestName(provider, BUILT_IN)
    findings.error(`the provider is "${provider}", and no file of the app registers it${nearest ? ` (did you mean ${nearest}?)` : ''}`, `register it in a plugin, or name one of ${BUILT_IN.join(', ')}`, 'no-provider')
  }
  return findings.list
}

/** Whether a file below the app's folders calls `registerSyncProvider`, and one has the id as text. */
function registers(id: string, nuxt: ExaminedApp['nuxt']): boolean {
  const files = filesIn(getLayerDirectories({ options: nuxt } as never).flatMap(({ app, shared }) => [app, shared]))
  return files.some(({ text }) => text.includes('registerSyncProvider')) && files.some(({ text }) => [`'${id}'`, `"${id}"`, `\`${id}\``].some(quoted => text.includes(quoted)))
}
