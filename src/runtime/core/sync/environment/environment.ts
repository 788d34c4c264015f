import { realTimers, type Timers } from '../../../shared/sync/waiting/timers'

/** Everything the engine takes from its surroundings, so that a test or a simulation can hand in its own. */
export interface SyncClock extends Timers {
  /** Epoch milliseconds. */
  now: () => number
}

export interface SyncLogger {
  debug: (message: string, ...details: unknown[]) => void
  info: (message: string, ...details: unknown[]) => void
  warn: (message: string, ...details: unknown[]) => void
  error: (message: string, ...details: unknown[]) => void
}

/** The slice of `BroadcastChannel` that tabs talk through. */
export interface TabTransport {
  postMessage: (message: unknown) => void
  onmessage: ((event: { data: unknown }) => void) | null
  close: () => void
}

/** The slice of the Web Locks API that leader election uses. */
export interface TabLocks {
  request: (name: string, options: { signal?: AbortSignal, steal?: boolean }, callback: () => Promise<void>) => Promise<unknown>
}

export interface SyncEnvironment {
  clock: SyncClock
  /** [0, 1) */
  random: () => number
  /** Lower-case UUID v4. */
  uuid: () => string
  log: SyncLogger
  /** Null: no Web Locks, or none that work; every tab then works for itself. The engine sets it to null when it finds that out. */
  locks: TabLocks | null
  /** Null: no other tabs to talk to. */
  channel: (name: string) => TabTransport | null
  isOnline: () => boolean
  /** Calls back when waiting is likely to be over: online again, visible again, focused. Returns the clean-up. */
  onWake: (callback: () => void) => () => void
  /** Calls back when the page may not come back: hidden, closed, left. Returns the clean-up. */
  onHide: (callback: () => void) => () => void
  /** Calls back when there is nothing better to do. */
  whenIdle: (callback: () => void) => void
  /** Asks the browser not to evict this origin's data. Null: it cannot be asked. */
  persist: () => Promise<boolean | null>
}

const silent: SyncLogger = { debug() {}, info() {}, warn() {}, error() {} }

/** The browser's (or Node's) own surroundings, with anything given in `overrides` in its place. */
export function createEnvironment(overrides: Partial<SyncEnvironment> = {}): SyncEnvironment {
  return {
    clock: { now: () => Date.now(), ...realTimers },
    random: () => Math.random(),
    uuid: randomUuid,
    log: silent,
    locks: findLocks(),
    channel: openChannel,
    isOnline: () => typeof navigator === 'undefined' || navigator.onLine !== false,
    onWake: callback => listen(callback, [['window', 'online'], ['window', 'focus'], ['document', 'visibilitychange']], () => document.visibilityState !== 'hidden'),
    onHide: callback => listen(callback, [['window', 'pagehide'], ['document', 'visibilitychange']], ({ type }) => type === 'pagehide' || document.visibilityState === 'hidden'),
    whenIdle: (callback) => {
      if (typeof requestIdleCallback === 'function') requestIdleCallback(() => callback(), { timeout: 2_000 })
      else callback()
    },
    persist: async () => typeof navigator !== 'undefined' && navigator.storage?.persist ? await navigator.storage.persist() : null,
    ...overrides,
  }
}

/** Browsers that block storage may throw at the mere look. */
function findLocks(): TabLocks | null {
  try { return typeof navigator === 'undefined' ? null : navigator.locks as unknown as TabLocks | undefined ?? null }
  catch { return null }
}

function openChannel(name: string): TabTransport | null {
  if (typeof BroadcastChannel === 'undefined') return null
  const channel = new BroadcastChannel(name)
  // Node keeps its process alive for an open channel; the engine's lifetime is the app's business.
  ;(channel as unknown as { unref?: () => void }).unref?.()
  return channel as unknown as TabTransport
}

/** In a worker there is no document: it hears of the network, and never of being hidden. */
function listen(callback: () => void, events: ['window' | 'document', string][], when: (event: Event) => boolean): () => void {
  const isPage = typeof window !== 'undefined' && typeof document !== 'undefined'
  const handler = (event: Event) => { if (!isPage || when(event)) callback() }
  const targets = events.flatMap(([name, event]): [EventTarget, string][] => {
    if (isPage) return [[name === 'window' ? window : document, event]]
    return event === 'online' && typeof addEventListener === 'function' ? [[globalThis as unknown as EventTarget, event]] : []
  })
  for (const [target, event] of targets) target.addEventListener(event, handler)
  return () => { for (const [target, event] of targets) target.removeEventListener(event, handler) }
}

/** `crypto.randomUUID` exists only in secure contexts; a page served over plain HTTP on a LAN is none. */
function randomUuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0F) | 0x40
  bytes[8] = (bytes[8]! & 0x3F) | 0x80
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
