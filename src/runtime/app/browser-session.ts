import type { SyncEnvironment } from '../core/sync/environment/environment'
import { readKnownSession, type KnownSession } from './read-known-session'

const STORAGE_KEY = 'or3-sync:session'
/** Speaks where storage is full or blocked. */
const CHANNEL = 'or3-sync:session'

export interface BrowserSessionOptions {
  env: Pick<SyncEnvironment, 'channel'>
  /** Default: `localStorage`, the mere look at which may throw. */
  storage?: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  /** Another tab has heard who is signed in. */
  onSession: (session: KnownSession) => void
  /** In another tab this user has signed out; null: it is not known which. */
  onSignOut: (userId: string | null) => void
}

/**
 * The session that the tabs of one browser share: remembered for the next page, and told to the other tabs, by `localStorage`, whose
 * events reach them. Where that throws, nothing is remembered, and a channel tells them.
 */
export class BrowserSession {
  readonly #channel: ReturnType<SyncEnvironment['channel']> = null
  /** Epoch milliseconds. What was said of a session before does not count. */
  #signedOutAt = -1
  readonly #storage: NonNullable<BrowserSessionOptions['storage']>

  constructor(private readonly options: BrowserSessionOptions) {
    this.#storage = options.storage ?? (() => localStorage)
    window.addEventListener('storage', ({ key, newValue, oldValue }) => {
      if (key === STORAGE_KEY) this.#heard(newValue, oldValue)
    })
    try {
      this.#channel = options.env.channel(CHANNEL)
      if (this.#channel) this.#channel.onmessage = ({ data }) => this.#heardByChannel(data)
    }
    catch { /* Tabs find out by themselves, only later. */ }
  }

  /** The last one of this browser. */
  get last(): KnownSession | null {
    try { return parse(this.#storage().getItem(STORAGE_KEY)) }
    catch { return null }
  }

  /** With `isNews`, the other tabs hear of it even where it is the one they know; `back`: even where they have heard of its end since. */
  remember(session: KnownSession, isNews: boolean | 'back'): void {
    const text = JSON.stringify({ ...session, ...(isNews ? { at: Date.now() } : {}), ...(isNews === 'back' ? { isBack: true } : {}) })
    try {
      if (!isNews && isSame(parse(this.#storage().getItem(STORAGE_KEY)), session)) return
      this.#storage().setItem(STORAGE_KEY, text)
    }
    catch { if (isNews) this.#tell({ session: text }) }
  }

  /** Somebody else's session, of another tab, stays. */
  forget(userId: string): void {
    this.#signedOutAt = Date.now()
    try {
      if (this.last?.userId === userId) return this.#storage().removeItem(STORAGE_KEY)
    }
    catch { /* It was not stored here. */ }
    this.#tell({ signedOut: userId })
  }

  #tell(message: { session: string } | { signedOut: string }): void {
    try { this.#channel?.postMessage(message) }
    catch { /* As above. */ }
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

/** 0: it was no news then. */
function saidAt(text: string): number {
  const { at } = JSON.parse(text) as { at?: unknown }
  return typeof at === 'number' ? at : 0
}

/** A sign-out was taken back. A tab that was asleep hears of both at once. */
function isBack(text: string): boolean {
  return (JSON.parse(text) as { isBack?: unknown }).isBack === true
}

function isSame(a: KnownSession | null, b: KnownSession): boolean {
  return JSON.stringify(a) === JSON.stringify(readKnownSession(b))
}
