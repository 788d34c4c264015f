import { addComponent } from '@nuxt/kit'
import type { ModulePaths } from './paths'

const COMPONENTS = ['SyncBoundary', 'SyncConflicts', 'SyncProgress', 'SyncQueue', 'SyncStatus']

/** Registers the components. Nuxt bundles one only for the templates that use it. A component of the app with the same name wins. */
export function addComponents(paths: ModulePaths): void {
  for (const name of COMPONENTS) addComponent({ name, filePath: `${paths.runtime}/components/${name}.vue` })
}
