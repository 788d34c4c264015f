import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Dexie } from 'dexie'
import type { ConflictRecord } from '#or3-sync/core/sync/records/engine-records'
import { encodeDatabaseId } from './encode-database-id'
import type { ComparableRow, Member } from './member'

/** What the playground hands to tests as `window.__or3`. */
export interface Or3Window {
  __or3: {
    getDb(): Dexie
    engine: { whenIdle(): Promise<void> }
    session: { readonly status: string, readonly userId: string | null, switchWorkspace(id: string): Promise<void>, refresh(): Promise<void> }
    /** That of nuxt-auth-utils. */
    userSession: { fetch(): Promise<void>, clear(): Promise<void> }
    status: { readonly state: string, readonly reason: string | null, readonly pendingCount: number, readonly isLeader: boolean }
  }
}

/** A tab in which a member has the playground open: of a browser window of its own (own cookies, own IndexedDB), or beside others. */
export class MemberPage {
  /** URLs of everything the page asked for so far. */
  readonly requests: string[] = []
  /** Uncaught errors of the page. */
  readonly errors: string[] = []

  private constructor(readonly member: Member, readonly context: BrowserContext, readonly page: Page) {
    page.on('request', request => this.requests.push(request.url()))
    page.on('pageerror', error => this.errors.push(String(error)))
  }

  /** Opens `/` signed in as the member, and switches to the workspace when one is named. `prepare` sees the window before its first page. */
  static async open(browser: Browser, member: Member, workspaceId?: string, prepare?: (context: BrowserContext) => Promise<unknown>): Promise<MemberPage> {
    const context = await browser.newContext()
    await prepare?.(context)
    return await this.openIn(context, member, workspaceId)
  }

  /** The same in a window that is there already. */
  static async openIn(context: BrowserContext, member: Member, workspaceId?: string): Promise<MemberPage> {
    await context.addCookies(member.cookie.split('; ').map((pair) => {
      const at = pair.indexOf('=')
      return { name: pair.slice(0, at), value: pair.slice(at + 1), url: member.origin }
    }))
    const opened = new MemberPage(member, context, await context.newPage())
    await opened.visit('/')
    if (workspaceId) await opened.switchWorkspace(workspaceId)
    return opened
  }

  /** Another tab of the same window, in the same workspace. */
  async openTab(path = '/'): Promise<MemberPage> {
    const opened = new MemberPage(this.member, this.context, await this.context.newPage())
    await opened.visit(path)
    return opened
  }

  /** Goes to a path and waits until the app runs there. */
  async visit(path: string): Promise<void> {
    await this.page.goto(this.member.origin + path)
    await this.#untilReady()
  }

  async reload(): Promise<void> {
    await this.page.reload()
    await this.#untilReady()
  }

  async switchWorkspace(workspaceId: string): Promise<void> {
    await this.page.evaluate(async (id) => { await (window as unknown as Or3Window).__or3.session.switchWorkspace(id) }, workspaceId)
    const suffix = `-${encodeDatabaseId(workspaceId)}`
    await this.page.waitForFunction(end => (window as unknown as Or3Window).__or3.getDb().name.endsWith(end), suffix)
  }

  /** Runs `edit` in the page on the member's database: nothing of the test's scope reaches it but `argument` (JSON). */
  async run<A, R>(edit: (db: Dexie, argument: A) => R | Promise<R>, argument: A): Promise<R> {
    return await this.page.evaluate(`(${edit.toString()})(window.__or3.getDb(), ${JSON.stringify(argument)})`) as R
  }

  /** All rows of a table, by primary key. */
  async rows(table: string): Promise<ComparableRow[]> {
    return await this.page.evaluate(async (name) => {
      const { getDb } = (window as unknown as Or3Window).__or3
      return await getDb().table(name).orderBy(':id').toArray() as ComparableRow[]
    }, table)
  }

  /** Edits the store has not acknowledged. */
  async pendingCount(): Promise<number> {
    return await this.run(db => db.table('pending_ops').count(), null)
  }

  /** Conflicts kept on this device, by record. */
  async conflicts(): Promise<ConflictRecord[]> {
    const found = await this.run(db => db.table('sync_conflicts').toArray(), null) as ConflictRecord[]
    return found.sort((a, b) => a.pk < b.pk ? -1 : 1)
  }

  async close(): Promise<void> {
    await this.context.close()
  }

  async #untilReady(): Promise<void> {
    await this.page.waitForFunction(() => {
      const or3 = (window as Partial<Or3Window>).__or3
      return or3 && or3.session.status !== 'loading'
    })
  }
}
