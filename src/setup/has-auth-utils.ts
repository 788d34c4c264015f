import { hasNuxtModule } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'

/** Whether the app uses nuxt-auth-utils. Call it after all modules are installed: the app may list that one after ours. */
export function hasAuthUtils(nuxt: Nuxt): boolean {
  return hasNuxtModule('nuxt-auth-utils', nuxt) || hasNuxtModule('auth-utils', nuxt)
}
