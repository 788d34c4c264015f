import { addPlugin } from '@nuxt/kit'
import type { ModulePaths } from './paths'

/**
 * Adds the plugin that shows the sync inspector. In production it loads nothing unless the option
 * `inspector` is set when the server starts. The page's request is answered by `server/middleware/or3-sync-inspector.ts`.
 */
export function setupInspector(paths: ModulePaths): void {
  addPlugin({ src: `${paths.runtime}/plugins/inspector.client`, mode: 'client' })
}
