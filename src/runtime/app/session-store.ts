import { SESSION_FIRST_ANSWER_MS, SESSION_GUEST_FACTOR } from '../shared/sync/protocol/limits'
import { shallowReactive } from 'vue'
import { createEnvironment, type SyncEnvironment } from '../core/sync/environment/environment'
import { backOff } from '../shared/sync/protocol/retry-policy'
import type { SyncReason } from '../core/sync/context/sync-reason'
import { SyncError } from '../shared/sync/protocol/errors'
import { askSession, type SessionAnswer } from './ask-session'
import { BrowserSession, type BrowserSessionOptions } from './browser-session'
import { decideSession, type SessionCause } from './decide-session'
import { readKnownSession, type KnownSession } from './read-known-session'
import { firstSession, nobody, type SessionState } from './session-state'

/** For this long after the app has cleared its session, an answer "nobody is signed in" means a sign-out and not an expired session. */
const CLEARED_MS = 30_000

export interface SessionStoreOptions extends Pick<BrowserSessionOptions, 'storage' | 'tellServer'> {
  /** Origin and base path of the app's server. */
  baseURL: string
  /** Default: the browser's own. */
  environment?: Partial<SyncEnvironment>
}

/**
 * Knows who is signed in in this page. The server says so, until the app sets the session itself. A page that works for one user keeps that
 * user's database, even if somebody else signs in in another tab. Only the app, a sign-out or a reload changes that.
 */
export class SessionStore {
  readonly state = shallowReactive<SessionState>(firstSession(true))
  readonly #env: SyncEnvironment
  readonly #browser: BrowserSession
  readonly #listeners = new Set<() => void>()
  /** Whether the server or the app decides who is signed in. */
  #source: 'server' | 'app' = 'server'
  /** False while the session is only remembered from the last page load. Then the server is asked again. */
  #isSure = false
  /** Somebody other than this page's user is signed in. */
  #isSomebodyElse = false
  /** The user who has just signed out in this page. The server may not have heard of it yet. */
  #signedOutUser: string | null = null
  /** Epoch milliseconds. It ends, because an app's session that could not be fetched looks like a cleared one. */
  #clearedUntil = 0
  /** Counts the requests to the server. Only the answer to the newest one is used. */
  #questions = 0
  #asking: Promise<void> | null = null
  #attempts = 0
  #timer: unknown
  #isKnown = () => {}
  readonly #known = new Promise<void>((resolve) => { this.#isKnown = resolve })
  #first: Promise<SessionState> | null = null

  constructor(private readonly options: SessionStoreOptions) {
    this.#env = createEnvironment(options.environment)
    this.#browser = new BrowserSession({
      env: this.#env, storage: options.storage, tellServer: options.tellServer,
      onSession: session => this.#heard(session),
      onSignOut: (userId) => { if (userId === null || userId === this.state.userId) this.#leave() },
    })
    this.#env.onWake(() => this.look())
  }

  /** Whether the app has set the session itself. */
  get isSetByApp(): boolean {
    return this.#source === 'app'
  }

  /** The reason in the session why nothing syncs. Null: none. */
  get reason(): SyncReason | null {
    const { status, workspaceId, role } = this.state
    if (status === 'unauthenticated') return 'no-session'
    if (status === 'expired') return this.#isSomebodyElse ? 'other-user' : 'expired'
    if (status === 'loading') return null
    if (workspaceId === null) return 'no-workspace'
    return role === null ? 'barred' : null
  }

  /** Calls back when the user, workspace, role, project, status or reason has changed. */
  onChange(callback: () => void): void {
    this.#listeners.add(callback)
  }

  /** The first known state: from the server or the app, or from the remembered session after 3 s (at once when offline). */
  first(): Promise<SessionState> {
    return this.#first ??= this.#awaitFirst()
  }

  async #awaitFirst(): Promise<SessionState> {
    if (this.state.status === 'loading') {
      void this.#ask('first')
      const { clock } = this.#env
      const timer = clock.setTimeout(() => { if (this.state.status === 'loading') this.#fallBack() }, this.#env.isOnline() ? SESSION_FIRST_ANSWER_MS : 0)
      await this.#known
      clock.clearTimeout(timer)
    }
    return this.state
  }

  /** Asks the server, and accepts whoever it says is signed in. Resolves once the answer, or the lack of one, has taken effect. */
  refresh(): Promise<void> {
    if (this.#source === 'app') this.#isSure = false
    this.#source = 'server'
    this.#attempts = 0
    return this.#ask('asked')
  }

  /** Asks the server because something may have changed. Does nothing when the app has set the session itself. */
  look(): void {
    this.#attempts = 0
    this.#lookAgain('look')
  }

  /** The app has cleared its own session. If the server knows nobody either, the user has signed out (see `CLEARED_MS`). */
  async cleared(): Promise<void> {
    if (this.isSetByApp) return
    this.#clearedUntil = this.#env.clock.now() + CLEARED_MS
    this.#attempts = 0
    await this.#ask('look')
  }

  get #isCleared(): boolean {
    return this.#env.clock.now() < this.#clearedUntil
  }

  /** Call this when the store has refused a request because somebody else is signed in. */
  userChanged(): void {
    if (this.state.status === 'authenticated') this.#stepAside()
  }

  /** Call this when the store has accepted a request of this user. The next retry then comes soon again. */
  worked(): void {
    this.#attempts = 0
  }

  /**
   * The app sets the session itself. From now on the server's answers no longer change it. Null: the session has expired.
   *
   * @throws SyncError `VALIDATION_ERROR` that names the wrong field.
   */
  set(session: KnownSession | null): void {
    const known = session && readKnownSession(session)
    this.#source = 'app'
    this.#clearedUntil = 0
    this.#dropQuestion()
    if (known) this.#enter(known, { isNews: true })
    else this.#set(this.state.userId ? { ...this.state, status: 'expired' } : nobody())
  }

  /** @throws SyncError `NOT_FOUND` for a workspace that this user does not have. */
  switchWorkspace(id: string): void {
    const { status, userId, workspaces } = this.state
    const workspace = workspaces.find(each => each.id === id)
    if (!userId || !workspace) {
      throw new SyncError('NOT_FOUND', `the user has no workspace "${id}"; theirs are: ${workspaces.map(each => each.id).join(', ') || 'none'}`)
    }
    // Not with an expired session: the next page load would start with a user who is no longer signed in.
    if (status === 'authenticated') this.#browser.remember({ userId, workspaces, workspaceId: id }, false)
    this.#set({ ...this.state, workspaceId: id, role: workspace.role }, { isSomebodyElse: this.#isSomebodyElse })
  }

  /**
   * Signs the user out in every tab.
   *
   * @returns a function that takes the sign-out back in every tab, unless somebody has signed in since.
   */
  forget(): () => void {
    const before = { ...this.state }
    const [source, isSomebodyElse] = [this.#source, this.#isSomebodyElse]
    const { userId, workspaces, workspaceId } = before
    this.#leave()
    if (!userId) return () => {}
    this.#browser.forget(userId)
    return () => {
      if (this.state.userId) return
      this.#source = source
      this.#signedOutUser = null
      this.#dropQuestion()
      this.#browser.remember({ userId, workspaces, ...(workspaceId === null ? {} : { workspaceId }) }, 'back')
      this.#set(before, { isSomebodyElse })
    }
  }

  #leave(): void {
    this.#signedOutUser = this.state.userId
    this.#source = 'server'
    this.#clearedUntil = 0
    this.#dropQuestion()
    this.#set(nobody())
  }

  /** Another tab has learnt who is signed in. */
  #heard(session: KnownSession): void {
    const { status, userId, workspaces } = this.state
    if (status === 'authenticated' && session.userId === userId && JSON.stringify(session.workspaces) === JSON.stringify(workspaces)) return
    this.#signedOutUser = null
    this.#attempts = 0
    this.#lookAgain('news')
  }

  #lookAgain(cause: SessionCause): void {
    // A session that the app has set is not asked about, unless somebody else was signed in and the app's user may be back.
    if (this.#asking || (this.#source === 'app' && !this.#isSomebodyElse)) return
    void this.#ask(cause)
  }

  #ask(cause: SessionCause): Promise<void> {
    const question = ++this.#questions
    const asking = askSession(this.options.baseURL).then(async (answer) => {
      if (question !== this.#questions) return void await this.#asking
      this.#asking = null
      this.#take(answer, cause)
    })
    this.#asking = asking
    return asking
  }

  #dropQuestion(): void {
    this.#questions++
    this.#asking = null
  }

  #take(answer: SessionAnswer, cause: SessionCause): void {
    if (this.#source === 'app') return this.#checkUserIsBack(answer)
    const decision = decideSession(answer, {
      state: this.state, last: this.#browser.last, signedOutUser: this.#signedOutUser, cause, isCleared: this.#isCleared,
    })
    if (answer.kind === 'nobody') this.#signedOutUser = null
    switch (decision.kind) {
      case 'enter': return this.#enter(decision.session, { isNews: cause === 'asked' || (cause !== 'news' && this.state.status !== 'authenticated') })
      case 'expire': return this.state.userId ? this.#set({ ...this.state, status: 'expired' }) : this.#fallBack('expired')
      case 'step-aside': return this.#stepAside()
      case 'fall-back': return this.#fallBack()
      case 'leave': return this.state.userId ? void this.forget() : this.#set(nobody())
      case 'stay': this.#planNext()
    }
  }

  #stepAside(): void {
    this.#set({ ...this.state, status: 'expired' }, { isSomebodyElse: true })
  }

  /** When the app has set the session, the server's answer is only used to see whether that user is signed in again. */
  #checkUserIsBack(answer: SessionAnswer): void {
    if (answer.kind === 'user' && answer.session.userId === this.state.userId) this.#set({ ...this.state, status: 'authenticated' })
    else this.#planNext()
  }

  #enter({ userId, workspaces, workspaceId: wanted, projectId }: KnownSession, { isNews }: { isNews: boolean }): void {
    const { last } = this.#browser
    const current = this.state.userId === userId ? this.state.workspaceId : null
    const preferred = wanted ?? current ?? (last?.userId === userId ? last.workspaceId : null)
    const workspace = workspaces.find(({ id }) => id === preferred)
    // A user whose membership has ended stays in the workspace, to see that and to save what was not sent. The next page load opens another.
    const workspaceId = workspace?.id ?? current ?? workspaces[0]?.id ?? null
    const role = workspaces.find(({ id }) => id === workspaceId)?.role ?? null
    this.#signedOutUser = null
    this.#clearedUntil = 0
    this.#browser.remember({ userId, workspaces, ...(workspaceId === null ? {} : { workspaceId }) }, isNews)
    this.#set({ status: 'authenticated', userId, workspaces, workspaceId, role, projectId: projectId ?? null }, { isSure: true })
  }

  /** Uses the session that this browser remembers. */
  #fallBack(status: 'authenticated' | 'expired' = 'authenticated'): void {
    const { last } = this.#browser
    const workspace = last?.workspaces.find(({ id }) => id === last.workspaceId)
    if (!last || !workspace) this.#set(nobody())
    else this.#set({ ...nobody(), status, userId: last.userId, workspaces: last.workspaces, workspaceId: workspace.id, role: workspace.role })
  }

  #set(next: SessionState, { isSomebodyElse = false, isSure = this.#isSure } = {}): void {
    const keys = ['status', 'userId', 'workspaceId', 'role', 'projectId'] as const
    const changed = keys.some(key => this.state[key] !== next[key]) || isSomebodyElse !== this.#isSomebodyElse
    this.#isSomebodyElse = isSomebodyElse
    this.#isSure = isSure
    Object.assign(this.state, next)
    this.#isKnown()
    this.#planNext()
    if (changed) for (const listener of this.#listeners) listener()
  }

  /** Plans the next question to the server, while the session is missing, expired or only remembered. The pauses grow. */
  #planNext(): void {
    const { clock, random } = this.#env
    clock.clearTimeout(this.#timer)
    const { status } = this.state
    const isSettled = this.#source === 'app' ? !this.#isSomebodyElse : status === 'authenticated' && this.#isSure && !this.#isCleared
    if (isSettled) return
    const delay = backOff('push', ++this.#attempts, random) * (status === 'unauthenticated' ? SESSION_GUEST_FACTOR : 1)
    this.#timer = clock.setTimeout(() => this.#lookAgain('look'), delay)
  }
}
