import type { SyncEnvironment } from '../core/sync/environment/environment'
import { readKnownSession, type KnownSession } from './read-known-session'
import { writeWorkspaceCookie } from './workspace-cookie'

const STORAGE_KEY = 'or3-sync:session'
/** Used when `localStorage` is full or blocked. */
const CHANNEL = 'or3-sync:session'

export interface BrowserSessionOptions {
  env: Pick<SyncEnvironment, 'channel'>
  /** Default: `localStorage`. A function, because even reading the property may throw. */
  storage?: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  /** Tells the server the workspace of this session; null: none. Default: by a cookie. It may throw. */
  tellServer?: (workspaceId: string | null) => void
  /** Called when another tab has learnt who is signed in. */
  onSession: (session: KnownSession) => void
  /** Called when a user has signed out in another tab. Null: it is not known which user. */
  onSignOut: (userId: string | null) => void
}

/**
 * The session that all tabs of one browser share. It is stored in `localStorage`, so the next page load can start from it, and the other
 * tabs learn of it by the `storage` event. Where `localStorage` throws, nothing is remembered and a BroadcastChannel tells the other tabs.
 */
export class BrowserSession {
  readonly #channel: ReturnType<SyncEnvironment['channel']> = null
  /** Epoch milliseconds. Sessions announced before this time are ignored: the user has signed out since. */
  #signedOutAt = -1
  readonly #storage: NonNullable<BrowserSessionOptions['storage']>
  readonly #tellServer: NonNullable<BrowserSessionOptions['tellServer']>

  constructor(private readonly options: BrowserSessionOptions) {
    this.#storage = options.storage ?? (() => localStorage)
    this.#tellServer = options.tellServer ?? writeWorkspaceCookie
    window.addEventListener('storage', ({ key, newValue, oldValue }) => {
      if (key === STORAGE_KEY) this.#heard(newValue, oldValue)
    })
    try {
      this.#channel = options.env.channel(CHANNEL)
      if (this.#channel) this.#channel.onmessage = ({ data }) => this.#heardByChannel(data)
    }
    catch { /* Without a channel the other tabs learn of it later, when they ask the server. */ }
  }

  /** The session last remembered in this browser. */
  get last(): KnownSession | null {
    try { return parse(this.#storage().getItem(STORAGE_KEY)) }
    catch { return null }
  }

  /**
   * Stores the session for the next page load, and tells the server its workspace. Storing it also tells the other tabs. With `isNews` they are told even if the stored session is
   * the same. `back` means that a sign-out was taken back: they accept the session although they have heard of the sign-out.
   */
  remember(session: KnownSession, isNews: boolean | 'back'): void {
    if (session.workspaceId !== undefined) this.#tellServerOf(session.workspaceId)
    const text = JSON.stringify({ ...session, ...(isNews ? { at: Date.now() } : {}), ...(isNews === 'back' ? { isBack: true } : {}) })
    try {
      if (!isNews && isSame(parse(this.#storage().getItem(STORAGE_KEY)), session)) return
      this.#storage().setItem(STORAGE_KEY, text)
    }
    catch { if (isNews) this.#tell({ session: text }) }
  }

  /** Removes the session of this user. A session of another user, stored by another tab, stays. */
  forget(userId: string): void {
    this.#signedOutAt = Date.now()
    if ((this.last?.userId ?? userId) === userId) this.#tellServerOf(null)
    try {
      if (this.last?.userId === userId) return this.#storage().removeItem(STORAGE_KEY)
    }
    catch { /* Storage is blocked, so nothing was stored. */ }
    this.#tell({ signedOut: userId })
  }

  #tellServerOf(workspaceId: string | null): void {
    try { this.#tellServer(workspaceId) }
    catch { /* Cookies are blocked. Then the server renders pages for the first workspace. */ }
  }

  #tell(message: { session: string } | { signedOut: string }): void {
    try { this.#channel?.postMessage(message) }
    catch { /* The other tabs learn of it when they ask the server. */ }
  }

  #heardByChannel(data: unknown): void {
    const { session, signedOut } = (data ?? {}) as Record<string, unknown>
    if (typeof session === 'string') this.#heard(session, null)
    else if (typeof signedOut === 'string') this.#heardOfSignOut(signedOut)
  }

  #heard(text: string | null, before: string | null): void {
    if (text === null) return this.#heardOfSignOut(parse(before)?.userId ?? null)
    const session = parse(text)
    if (session && (isBack(text) || saidAt(text) > this.#signedOutAt)) this.options.onSession(session)
  }

  #heardOfSignOut(userId: string | null): void {
    this.#signedOutAt = Date.now()
    this.options.onSignOut(userId)
  }
}

function parse(text: string | null): KnownSession | null {
  try { return text === null ? null : readKnownSession(JSON.parse(text)) }
  catch { return null }
}

/** When the session was announced, in epoch milliseconds. 0: it was stored without being announced. */
function saidAt(text: string): number {
  const { at } = JSON.parse(text) as { at?: unknown }
  return typeof at === 'number' ? at : 0
}

/** Whether the session was stored because a sign-out was taken back. A tab that was asleep hears of both at the same time, so times do not help. */
function isBack(text: string): boolean {
  return (JSON.parse(text) as { isBack?: unknown }).isBack === true
}

function isSame(a: KnownSession | null, b: KnownSession): boolean {
  return JSON.stringify(a) === JSON.stringify(readKnownSession(b))
}
