import { addTemplate, addTypeTemplate } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { hasAuthUtils } from './has-auth-utils'

/** Makes `#or3-sync-virtual/user-session`, which exports nuxt-auth-utils' `useUserSession`, or null when the app does not use that module. */
export function setupUserSession(nuxt: Nuxt): void {
  const template = addTemplate({
    filename: 'or3-sync/user-session.mjs',
    write: true,
    // Rendered only after all modules are installed, so it also sees modules that the app lists after this one.
    getContents: () => hasAuthUtils(nuxt) ? `export { useUserSession } from '#imports'\n` : 'export const useUserSession = null\n',
  })
  nuxt.options.alias['#or3-sync-virtual/user-session'] = template.dst
  addTypeTemplate({
    filename: 'types/or3-sync-user-session.d.ts',
    getContents: () => `declare module '#or3-sync-virtual/user-session' {
  export const useUserSession: (() => { session: import('vue').Ref<{ user?: unknown } | null> }) | null
}
`,
  })
}
