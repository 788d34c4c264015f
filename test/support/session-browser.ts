import { vi } from 'vitest'
import type { SyncClock, SyncEnvironment } from '#or3-sync/core/sync/environment/environment'
import type { SessionResponse, SyncRole } from '#or3-sync/shared/sync/protocol/types'
import { fastClock, stoppedClock } from './test-clock'
import { jsonReply } from './pushed-ops'

export const BASE = 'http://app'

/** What `GET /session` says of a user with these roles, by workspace. */
export function signedIn(userId: string, roles: Record<string, SyncRole> = { w1: 'editor' }): SessionResponse {
  return { status: 'authenticated', userId, workspaces: Object.entries(roles).map(([id, role]) => ({ id, name: id, role })), schemaVersion: 1, serverTime: 0 }
}

export const NOBODY: SessionResponse = { status: 'unauthenticated', userId: null, workspaces: [], serverTime: 0 }

/** What the tabs of one browser share, as far as sessions are concerned: cookie, storage and channels. Stubs `fetch` and `window`. */
export class SessionBrowser {
  /** Whom the cookie names; a function answers in the server's place. */
  cookie: SessionResponse | (() => Response | Promise<Response>) = NOBODY
  /** How storage fails. */
  storage: 'works' | 'full' | 'blocked' = 'works'
  readonly kept = new Map<string, string>()
  /** How often the server was asked. */
  asked = 0
  #isClosed = false
  readonly #windows: EventTarget[] = []
  readonly #channels = new Set<{ onmessage: ((event: { data: unknown }) => void) | null }>()

  constructor() {
    const network = fetch
    vi.stubGlobal('fetch', async (input: string, init?: RequestInit) => {
      if (input !== `${BASE}/api/sync/session`) return await network(input, init)
      this.asked++
      return typeof this.cookie === 'function' ? await this.cookie() : jsonReply(this.cookie)
    })
  }

  /** A tab's own surroundings, on a clock that runs `factor` times as fast; 0: waiting never ends. What is made of them next listens to this tab's window. */
  openTab({ factor = 50 } = {}) {
    const window = new EventTarget()
    this.#windows.push(window)
    vi.stubGlobal('window', window)
    const wakers = new Set<() => void>()
    const tab = { isOnline: true, storage: () => this.#storageOf(window) }
    const environment: Partial<SyncEnvironment> = {
      clock: this.#clock(factor), random: () => 0.5, locks: null, isOnline: () => tab.isOnline,
      onWake: (callback) => { wakers.add(callback); return () => wakers.delete(callback) },
      channel: () => this.#openChannel(),
    }
    return Object.assign(tab, { environment, wake: () => { for (const waker of wakers) waker() } })
  }

  /** Its tabs are gone: nobody waits for anything any more. */
  close(): void {
    this.#isClosed = true
  }

  #clock(factor: number): SyncClock {
    const clock = factor ? fastClock(factor) : stoppedClock()
    return { ...clock, setTimeout: (run, ms) => clock.setTimeout(() => { if (!this.#isClosed) run() }, ms) }
  }

  #openChannel() {
    const channels = this.#channels
    const own = {
      onmessage: null as ((event: { data: unknown }) => void) | null,
      postMessage: (data: unknown) => { for (const other of channels) if (other !== own) setTimeout(() => other.onmessage?.({ data })) },
      close: () => { channels.delete(own) },
    }
    channels.add(own)
    return own
  }

  #storageOf(own: EventTarget) {
    if (this.storage === 'blocked') throw new DOMException('storage is blocked', 'SecurityError')
    const write = (key: string, newValue: string | null) => {
      const oldValue = this.kept.get(key) ?? null
      if (newValue === null) this.kept.delete(key)
      else this.kept.set(key, newValue)
      // Not to the tab that wrote it.
      for (const window of this.#windows) if (window !== own && oldValue !== newValue) setTimeout(() => window.dispatchEvent(Object.assign(new Event('storage'), { key, oldValue, newValue })))
    }
    return {
      getItem: (key: string) => this.kept.get(key) ?? null,
      setItem: (key: string, value: string) => {
        if (this.storage === 'full') throw new DOMException('storage is full', 'QuotaExceededError')
        write(key, value)
      },
      removeItem: (key: string) => write(key, null),
    }
  }
}
