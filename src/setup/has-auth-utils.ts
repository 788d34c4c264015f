import { hasNuxtModule } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'

/** Whether the app has nuxt-auth-utils. Modules that stand after this one are known once all are installed. */
export function hasAuthUtils(nuxt: Nuxt): boolean {
  return hasNuxtModule('nuxt-auth-utils', nuxt) || hasNuxtModule('auth-utils', nuxt)
}
