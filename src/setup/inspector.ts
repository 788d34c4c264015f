import { addPlugin, addTemplate, addTypeTemplate } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import type { ModulePaths } from './paths'

/**
 * Sets up the sync inspector: the plugin that shows it, and `#or3-sync-virtual/inspector`. In production the plugin loads nothing unless the option
 * `inspector` is set when the server starts. The page's request is answered by `server/middleware/or3-sync-inspector.ts`.
 */
export function setupInspector(nuxt: Nuxt, paths: ModulePaths, version: string): void {
  const template = addTemplate({
    filename: 'or3-sync/inspector.mjs',
    write: true,
    getContents: () => `export const moduleVersion = ${JSON.stringify(version)}\n`,
  })
  nuxt.options.alias['#or3-sync-virtual/inspector'] = template.dst
  addTypeTemplate({
    filename: 'types/or3-sync-inspector.d.ts',
    getContents: () => `declare module '#or3-sync-virtual/inspector' {
  /** The version of the package. */
  export const moduleVersion: string
}
`,
  })
  addPlugin({ src: `${paths.runtime}/plugins/inspector.client`, mode: 'client' })
}
