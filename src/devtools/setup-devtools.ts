import type { Nuxt } from '@nuxt/schema'
import { INSPECTOR_PATH } from '../runtime/inspector/inspector-path'
import { TAB_ICON } from './tab-icon'

/**
 * Adds the tab "Sync" to Nuxt DevTools. The tab shows the inspector's page in a frame, and that page inspects the app around it. Does nothing in a
 * build, and where DevTools are off.
 */
export async function setupDevtools(nuxt: Nuxt): Promise<void> {
  if (!nuxt.options.dev || !isEnabled(nuxt.options.devtools)) return
  const { addCustomTab } = await import('@nuxt/devtools-kit')
  const base = nuxt.options.app.baseURL.replace(/\/$/, '')
  addCustomTab({
    name: 'or3-sync',
    title: 'Sync',
    icon: TAB_ICON,
    category: 'modules',
    view: { type: 'iframe', src: `${base}${INSPECTOR_PATH}` },
  }, nuxt)
}

function isEnabled(devtools: Nuxt['options']['devtools'] | boolean): boolean {
  return typeof devtools === 'object' ? devtools.enabled !== false : devtools
}
