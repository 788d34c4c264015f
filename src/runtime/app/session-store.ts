import { shallowReactive } from 'vue'
import { createEnvironment, type SyncEnvironment } from '../core/sync/environment/environment'
import { retryDelay } from '../shared/sync/protocol/retry-delay'
import type { SyncReason } from '../core/sync/context/sync-reason'
import { SyncError } from '../shared/sync/protocol/errors'
import { askSession, type SessionAnswer } from './ask-session'
import { BrowserSession, type BrowserSessionOptions } from './browser-session'
import { decideSession, type SessionCause } from './decide-session'
import { readKnownSession, type KnownSession } from './read-known-session'
import { firstSession, nobody, type SessionState } from './session-state'

/** The app does not wait longer for the server to say who is there. */
const FIRST_ANSWER_MS = 3_000
/** A page without a user waits so many times longer between two questions. */
const GUEST_FACTOR = 5
/** So long after the app has cleared its session, whom the server does not know has signed out, and not expired. */
const CLEARED_MS = 30_000

export interface SessionStoreOptions extends Pick<BrowserSessionOptions, 'storage'> {
  /** Origin and base path of the app's server. */
  baseURL: string
  /** Default: the browser's own. */
  environment?: Partial<SyncEnvironment>
}

/**
 * Who is signed in, in this page: by the server's word, until the app says it itself. A page that works as one user stays with that
 * user's database whoever signs in elsewhere; only the app, a sign-out or a reload changes that.
 */
export class SessionStore {
  readonly state = shallowReactive<SessionState>(firstSession(true))
  readonly #env: SyncEnvironment
  readonly #browser: BrowserSession
  readonly #listeners = new Set<() => void>()
  /** Who says who is signed in. */
  #word: 'server' | 'app' = 'server'
  /** False while the session is only remembered from the last page: then it is asked for again. */
  #isSure = false
  /** Somebody else is signed in than this page's user. */
  #isSomebodyElse = false
  /** Who has signed out here; the server may not have heard of it yet. */
  #left: string | null = null
  /** Epoch milliseconds. A limit, because a session of the app that could not be fetched looks cleared, too. */
  #clearedUntil = 0
  /** Only the answer to the last question counts. */
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
      env: this.#env, storage: options.storage,
      onSession: session => this.#heard(session),
      onSignOut: (userId) => { if (userId === null || userId === this.state.userId) this.#leave() },
    })
    this.#env.onWake(() => this.look())
  }

  /** Whether the app knows its session by itself. */
  get isSetByApp(): boolean {
    return this.#word === 'app'
  }

  /** Why nothing syncs, as far as the session is concerned. */
  get reason(): SyncReason | null {
    const { status, workspaceId, role } = this.state
    if (status === 'unauthenticated') return 'no-session'
    if (status === 'expired') return this.#isSomebodyElse ? 'other-user' : 'expired'
    if (status === 'loading') return null
    if (workspaceId === null) return 'no-workspace'
    return role === null ? 'barred' : null
  }

  /** Calls back when user, workspace, role or status changed, or the reason why there is none. */
  onChange(callback: () => void): void {
    this.#listeners.add(callback)
  }

  /** The first word: the server's, or the app's, or after 3 s (or offline) the last session's. */
  first(): Promise<SessionState> {
    return this.#first ??= this.#awaitFirst()
  }

  async #awaitFirst(): Promise<SessionState> {
    if (this.state.status === 'loading') {
      void this.#ask('first')
      const { clock } = this.#env
      const timer = clock.setTimeout(() => { if (this.state.status === 'loading') this.#fallBack() }, this.#env.isOnline() ? FIRST_ANSWER_MS : 0)
      await this.#known
      clock.clearTimeout(timer)
    }
    return this.state
  }

  /** Asks the server, and goes by its answer whoever it names. Resolves when the answer, or its absence, has taken effect. */
  refresh(): Promise<void> {
    if (this.#word === 'app') this.#isSure = false
    this.#word = 'server'
    this.#attempts = 0
    return this.#ask('asked')
  }

  /** Asks the server because something may have changed. What the app has set is not asked about. */
  look(): void {
    this.#attempts = 0
    this.#lookAgain('look')
  }

  /** The app has cleared its own session. Who is unknown to the server, too, has signed out, whoever asks it first. */
  async cleared(): Promise<void> {
    if (this.isSetByApp) return
    this.#clearedUntil = this.#env.clock.now() + CLEARED_MS
    this.#attempts = 0
    await this.#ask('look')
  }

  get #isCleared(): boolean {
    return this.#env.clock.now() < this.#clearedUntil
  }

  /** The store refuses what is asked in this user's name, because somebody else is signed in. */
  userChanged(): void {
    if (this.state.status === 'authenticated') this.#stepAside()
  }

  /** The store takes what is asked in this user's name. */
  worked(): void {
    this.#attempts = 0
  }

  /**
   * The app knows its session by itself: from now on nothing else changes it. Null: it has expired.
   *
   * @throws SyncError `VALIDATION_ERROR` that names what is out of form.
   */
  set(session: KnownSession | null): void {
    const known = session && readKnownSession(session)
    this.#word = 'app'
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
      throw new SyncError('NOT_FOUND', `workspace "${id}" is none of this user's; they are: ${workspaces.map(each => each.id).join(', ') || 'none'}`)
    }
    // The next page must not begin with a user who is not signed in any more.
    if (status === 'authenticated') this.#browser.remember({ userId, workspaces, workspaceId: id }, false)
    this.#set({ ...this.state, workspaceId: id, role: workspace.role }, { isSomebodyElse: this.#isSomebodyElse })
  }

  /**
   * The user signs out, in every tab.
   *
   * @returns takes it back, in every tab, unless somebody has signed in meanwhile.
   */
  forget(): () => void {
    const before = { ...this.state }
    const [word, isSomebodyElse] = [this.#word, this.#isSomebodyElse]
    const { userId, workspaces, workspaceId } = before
    this.#leave()
    if (!userId) return () => {}
    this.#browser.forget(userId)
    return () => {
      if (this.state.userId) return
      this.#word = word
      this.#left = null
      this.#dropQuestion()
      this.#browser.remember({ userId, workspaces, ...(workspaceId === null ? {} : { workspaceId }) }, 'back')
      this.#set(before, { isSomebodyElse })
    }
  }

  #leave(): void {
    this.#left = this.state.userId
    this.#word = 'server'
    this.#clearedUntil = 0
    this.#dropQuestion()
    this.#set(nobody())
  }

  /** Another tab has heard of a session. */
  #heard(session: KnownSession): void {
    const { status, userId, workspaces } = this.state
    if (status === 'authenticated' && session.userId === userId && JSON.stringify(session.workspaces) === JSON.stringify(workspaces)) return
    this.#left = null
    this.#attempts = 0
    this.#lookAgain('news')
  }

  #lookAgain(cause: SessionCause): void {
    // What the app has set is not asked about, unless its user was away and may be back.
    if (this.#asking || (this.#word === 'app' && !this.#isSomebodyElse)) return
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
    if (this.#word === 'app') return this.#takeBeside(answer)
    const decision = decideSession(answer, { state: this.state, last: this.#browser.last, left: this.#left, cause, isCleared: this.#isCleared })
    if (answer.kind === 'nobody') this.#left = null
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

  /** Where the app has set the session, the server's answer only says whether that user is back. */
  #takeBeside(answer: SessionAnswer): void {
    if (answer.kind === 'user' && answer.session.userId === this.state.userId) this.#set({ ...this.state, status: 'authenticated' })
    else this.#planNext()
  }

  #enter({ userId, workspaces, workspaceId: wanted, projectId }: KnownSession, { isNews }: { isNews: boolean }): void {
    const { last } = this.#browser
    const current = this.state.userId === userId ? this.state.workspaceId : null
    const preferred = wanted ?? current ?? (last?.userId === userId ? last.workspaceId : null)
    const workspace = workspaces.find(({ id }) => id === preferred)
    // Whose membership ends stays where they are, to see it and to save what was not sent. The next page opens another workspace.
    const workspaceId = workspace?.id ?? current ?? workspaces[0]?.id ?? null
    const role = workspaces.find(({ id }) => id === workspaceId)?.role ?? null
    this.#left = null
    this.#clearedUntil = 0
    this.#browser.remember({ userId, workspaces, ...(workspaceId === null ? {} : { workspaceId }) }, isNews)
    this.#set({ status: 'authenticated', userId, workspaces, workspaceId, role, projectId: projectId ?? null }, { isSure: true })
  }

  /** The last session counts. */
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

  /** A session that is missing, over, or only remembered is asked for again, less and less often. */
  #planNext(): void {
    const { clock, random } = this.#env
    clock.clearTimeout(this.#timer)
    const { status } = this.state
    const isSettled = this.#word === 'app' ? !this.#isSomebodyElse : status === 'authenticated' && this.#isSure && !this.#isCleared
    if (isSettled) return
    const delay = retryDelay(++this.#attempts, random) * (status === 'unauthenticated' ? GUEST_FACTOR : 1)
    this.#timer = clock.setTimeout(() => this.#lookAgain('look'), delay)
  }
}
