import { useNuxtApp, useRequestEvent, type NuxtApp } from '#app'
import { getCurrentInstance, onServerPrefetch, type ComponentInternalInstance } from 'vue'
import type { SyncLogger } from '../../core/sync/environment/environment'
import type { PageAnswer, PageContext, PageReader } from '../../shared/sync/query/page-reader'
import type { BuiltQuery } from './build-query'
import { createConsoleLogger } from '../console-logger'
import type { LiveValue } from './live-value'
import { payloadOf, valueOf } from './page-answers'

/** A query may need the result of another one of the same component, and that of a third. */
const MAX_ROUNDS = 5
/** How many errors are remembered as logged. */
const MAX_TOLD = 100

interface WaitingQuery {
  live: LiveValue<unknown>
  build: () => BuiltQuery
  /** Of the plan that was asked last. */
  key: string
}

const byComponent = new WeakMap<ComponentInternalInstance, WaitingQuery[]>()
const pages = new WeakMap<NuxtApp, PageQueries>()
const told = new Set<string>()

/**
 * On the server: reads a query for both sides before the component renders, as the user who has requested the page, and puts the answer into the
 * payload. Nothing is read for a page that is prerendered, with sync off, or for a user who is not signed in.
 */
export function prefetchAnswer<T>(live: LiveValue<T>, build: () => BuiltQuery): void {
  const instance = getCurrentInstance()
  if (!instance || import.meta.prerender) return
  const nuxtApp = useNuxtApp()
  const context = useRequestEvent(nuxtApp)?.context.or3Sync as PageContext | undefined
  if (!context) return
  const page = pages.get(nuxtApp) ?? new PageQueries(nuxtApp, context, createConsoleLogger())
  pages.set(nuxtApp, page)
  const query: WaitingQuery = { live: live as LiveValue<unknown>, build, key: '' }
  const others = byComponent.get(instance)
  if (others) return void others.push(query)
  const queries = [query]
  byComponent.set(instance, queries)
  onServerPrefetch(() => answerAll(page, queries), instance)
}

/** Asks the queries of a component, and again those that are others once the first are answered. */
async function answerAll(page: PageQueries, queries: readonly WaitingQuery[]): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const open = queries.flatMap((query) => {
      const built = query.build()
      return built.key === query.key ? [] : [{ query, built }]
    })
    if (!open.length) return
    await Promise.all(open.map(async ({ query, built }) => {
      query.key = built.key
      const answer = await page.answer(built)
      if (answer) query.live.settle({ kind: 'value', value: valueOf(answer) })
      else query.live.restart()
    }))
  }
}

/** The queries of one page. Each is read once, however many components have it. */
class PageQueries {
  readonly #answers = new Map<string, Promise<PageAnswer | undefined>>()
  #reader: Promise<PageReader | null> | null = null

  constructor(private readonly nuxtApp: NuxtApp, private readonly context: PageContext, private readonly log: Pick<SyncLogger, 'warn'>) {}

  /** Undefined: there is no answer, and the page shows `initial`. It never rejects, because the page is to be rendered in any case. */
  answer(built: BuiltQuery): Promise<PageAnswer | undefined> {
    if (built.kind === 'error') this.#tell(built.error)
    if (built.kind !== 'plan') return Promise.resolve(undefined)
    // The reader has logged what went wrong.
    const answer = this.#answers.get(built.key) ?? this.#read(built).catch(() => undefined)
    this.#answers.set(built.key, answer)
    return answer
  }

  async #read({ plan, key }: Extract<BuiltQuery, { kind: 'plan' }>): Promise<PageAnswer | undefined> {
    const reader = await (this.#reader ??= this.context.reader())
    if (!reader) return undefined
    const answer = await reader.read(plan)
    const { userId, workspaceId } = reader
    const page = payloadOf(this.nuxtApp).or3Sync ??= { userId, workspaceId, answers: {} }
    page.answers[key] = answer
    return answer
  }

  /** Logs what a querier threw, each error once and not for each request. */
  #tell(error: unknown): void {
    const text = String(error)
    if (told.has(text)) return
    if (told.size >= MAX_TOLD) told.clear()
    told.add(text)
    this.log.warn('A query of a page was not read on the server, because its querier threw', error)
  }
}
