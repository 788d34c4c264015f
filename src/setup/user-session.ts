import { addTemplate, addTypeTemplate } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { hasAuthUtils } from './has-auth-utils'

/** `#or3-sync-virtual/user-session`: `useUserSession` of nuxt-auth-utils where the app has that module, else null. */
export function setupUserSession(nuxt: Nuxt): void {
  const template = addTemplate({
    filename: 'or3-sync/user-session.mjs',
    write: true,
    // Modules that stand after this one are installed by the time this is rendered.
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
