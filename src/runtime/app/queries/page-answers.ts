import type { NuxtApp } from '#app'
import type { PageAnswer } from '../../shared/sync/query/page-reader'

/** The server's answers to a page's queries, as they travel in Nuxt's payload. */
export interface PagePayload {
  userId: string
  workspaceId: string
  /** By `planKey`. */
  answers: Record<string, PageAnswer>
}

/** Where the answers are in Nuxt's payload. */
export function payloadOf(nuxtApp: NuxtApp): { or3Sync?: PagePayload } {
  return nuxtApp.payload as { or3Sync?: PagePayload }
}

/** What a component gets of an answer: a list of its own, because the app may sort or reverse it in place. */
export function valueOf({ value }: PageAnswer): unknown {
  return Array.isArray(value) ? [...value as unknown[]] : value
}

const used = new WeakMap<NuxtApp, Set<string>>()

/**
 * The server's answer to a query of a component that hydrates. Several components may have the same query. An answer is removed from the
 * payload when the page has hydrated. One that is not used by then stays for a component that hydrates later.
 */
export function takeAnswer(nuxtApp: NuxtApp, key: string): PageAnswer | undefined {
  const answers = payloadOf(nuxtApp).or3Sync?.answers
  const answer = answers?.[key]
  if (!answer) return undefined
  if (!nuxtApp.isHydrating) Reflect.deleteProperty(answers, key)
  else if (used.has(nuxtApp)) used.get(nuxtApp)!.add(key)
  else {
    const keys = new Set([key])
    used.set(nuxtApp, keys)
    nuxtApp.hooks.hookOnce('app:suspense:resolve', () => { for (const each of keys) Reflect.deleteProperty(answers, each) })
  }
  return answer
}
