import type { NuxtApp } from '#app'
import Dexie from 'dexie'
import { onMounted, watch } from 'vue'
import { runPlan } from '../../core/sync/face/run-plan'
import type { PageRows } from '../../core/sync/face/page-rows'
import type { PageAnswer } from '../../shared/sync/query/page-reader'
import type { QueryPlan } from '../../shared/sync/query/query-plan'
import { hydratingComponent } from '../after-hydration'
import { tableOf, type BuiltQuery } from './build-query'
import { followLive } from './follow-live'
import type { LiveValue, Outcome } from './live-value'
import { payloadOf, takeAnswer, valueOf } from './page-answers'
import { asEngineDatabase, type SyncClient } from '../sync-client'

/** Loaded with the engine where the page has answers of the server. */
export const loadPageRows = () => import('../../core/sync/face/page-rows')

/**
 * A query for both sides, in the browser. In a component that hydrates it begins with the server's answer, if there is one, and shows nothing else
 * until the component is mounted. Then Dexie takes over (see `PageRows`).
 */
export class FollowedQuery<T> {
  /** What is to be shown once the component is mounted. Null: at once. */
  #held: (() => void)[] | null = null
  #cleanups: (() => void)[] = []
  /** Of the query that began with the server's answer. */
  #pageKey: string | null = null
  /** What shows that answer. Null: it could not be loaded, or the page belongs to somebody else. */
  #pageRows: Promise<PageRows | null> | null = null

  constructor(private readonly options: { client: SyncClient, live: LiveValue<T>, nuxtApp: NuxtApp | null }) {
    const instance = hydratingComponent()
    if (!instance) return
    this.#held = []
    onMounted(() => {
      const held = this.#held ?? []
      this.#held = null
      for (const show of held) show()
    }, instance)
  }

  /** Follows another query, or the same one anew. `isOtherDatabase`: another user or workspace must not see the rows of the one before. */
  follow(built: BuiltQuery, isOtherDatabase: boolean): void {
    // A dep has changed, and the query is the same: it is followed already.
    if (!isOtherDatabase && built.key === this.#pageKey) return
    this.end()
    const answer = built.kind === 'plan' && !isOtherDatabase ? this.#take(built.key) : undefined
    if (built.kind === 'plan' && answer) {
      this.#pageKey = built.key
      return this.#followFrom(built.plan, answer)
    }
    this.#begin(isOtherDatabase)
    if (built.kind === 'plan') this.#run(() => this.#ask(built.plan))
    else this.#showNothing(built)
  }

  end(): void {
    for (const cleanUp of this.#cleanups) cleanUp()
    this.#cleanups = []
    this.#pageKey = null
    this.#pageRows = null
  }

  /** What shows the server's answer, once it is known to be for this user. Null: Dexie alone is shown, or a transaction is open, which must not wait. */
  async pageRows(): Promise<PageRows | null> {
    const asked = this.#pageRows
    if (!asked || Dexie.currentTransaction) return null
    const rows = await asked
    return asked === this.#pageRows ? rows : null
  }

  #take(key: string): PageAnswer | undefined {
    const { nuxtApp } = this.options
    return this.#held && nuxtApp ? takeAnswer(nuxtApp, key) : undefined
  }

  /** `isOther`: what is shown belongs to another user or workspace. */
  #begin(isOther: boolean): void {
    const { live } = this.options
    // What the server has rendered stays until the component is mounted.
    if (isOther) this.#show(() => live.restart())
    // The server has rendered nothing of this query.
    else if (this.#held) live.restart()
    // The result of the query before stays until there is a new one.
    else live.loading.value = true
  }

  #showNothing(built: Exclude<BuiltQuery, { kind: 'plan' }>): void {
    const { live } = this.options
    this.#show(() => {
      if (built.kind === 'none') live.reset()
      live.settle(built.kind === 'error' ? built : { kind: 'value', value: live.value.value as T })
    })
  }

  /** Shows the server's answer until this device has caught up with it. */
  #followFrom(plan: QueryPlan, answer: PageAnswer): void {
    const { client, live } = this.options
    live.settle({ kind: 'value', value: valueOf(answer) as T })
    let isOver = false
    this.#cleanups.push(() => { isOver = true })
    const drop = () => {
      if (isOver) return
      this.end()
      this.#begin(true)
      this.#run(() => this.#ask(plan))
    }
    if (!client.session) return drop()
    // Before the session is known, nobody knows whose page this is. It is known before the database opens.
    const isOurs = client.session.first().then((session) => {
      if (this.#isOf(session)) return true
      drop()
      return false
    })
    const loaded = loadPageRows().then(({ PageRows }) => {
      if (isOver) return null
      const db = asEngineDatabase(client.db.value!)
      const rows = new PageRows({ db, plan, answer, table: tableOf(plan), hooks: client.engine.value!.hooks, cursor: () => client.status.cursor })
      this.#cleanups.push(() => rows.close())
      this.#followRows(rows, answer)
      return rows
    }, () => {
      if (!isOver) this.#run(() => this.#ask(plan))
      return null
    })
    this.#pageRows = isOurs.then(is => is ? loaded : null)
  }

  #followRows(rows: PageRows, { version }: PageAnswer): void {
    const { client: { status, engine } } = this.options
    const isIdle = () => status.state === 'idle' && status.firstSyncDone
    let stop = () => {}
    let [isAsking, isOver] = [false, false]
    this.#cleanups.push(() => { isOver = true })
    const restart = () => {
      stop()
      stop = this.#run(async () => {
        const value = await rows.read()
        // In a task of its own, outside of the query.
        if (!rows.isReached && isIdle()) setTimeout(catchUp)
        return value as T
      })
    }
    // Idle, and the version is not reached: the newest commit is on its way here, or the store was restored and counts anew. Whoever has caught up has reached it.
    const catchUp = () => {
      if (isAsking || isOver || rows.isReached) return
      isAsking = true
      engine.value?.whenCaughtUp().then(() => {
        if (isOver) return
        rows.reach()
        restart()
      }, () => { /* Sync has stopped. It is tried again when it is idle again. */ }).finally(() => { isAsking = false })
    }
    restart()
    // The cursor of the status may be ahead of the stored one, so that the query does not run again by itself.
    this.#cleanups.push(watch([() => status.cursor >= version, isIdle], () => { if (!rows.isReached) restart() }, { flush: 'sync' }))
  }

  /** @returns a function that ends this, which `end` also does. */
  #run(query: () => Promise<T>): () => void {
    const { live } = this.options
    const stop = followLive(live, query, (outcome: Outcome<T>) => this.#show(() => live.settle(outcome)))
    this.#cleanups.push(stop)
    return stop
  }

  async #ask(plan: QueryPlan): Promise<T> {
    return await runPlan(this.options.client.db.value!, plan) as T
  }

  /** Before a component that hydrates is mounted, it must show what the server has shown. */
  #show(show: () => void): void {
    if (this.#held) this.#held.push(show)
    else show()
  }

  #isOf({ userId, workspaceId }: { userId: string | null, workspaceId: string | null }): boolean {
    const page = this.options.nuxtApp && payloadOf(this.options.nuxtApp).or3Sync
    return page?.userId === userId && page?.workspaceId === workspaceId
  }
}
