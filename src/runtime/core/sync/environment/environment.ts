import { realTimers, type Timers } from '../../../shared/sync/waiting/timers'

/** Time and timers. A test or a simulation hands in its own. */
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

/** The part of `BroadcastChannel` that the engine uses. */
export interface TabTransport {
  postMessage: (message: unknown) => void
  onmessage: ((event: { data: unknown }) => void) | null
  close: () => void
}

/** The part of the Web Locks API that the engine uses. */
export interface TabLocks {
  request: (name: string, options: { signal?: AbortSignal, steal?: boolean }, callback: () => Promise<void>) => Promise<unknown>
}

/** Everything that the engine takes from the browser (or Node), so that a test or a simulation can hand in its own. */
export interface SyncEnvironment {
  clock: SyncClock
  /** A number from 0 up to, and without, 1. */
  random: () => number
  /** Lower-case UUID v4. */
  uuid: () => string
  log: SyncLogger
  /** Null: Web Locks are missing or do not work; then every tab leads. The engine sets it to null when it finds that out. */
  locks: TabLocks | null
  /** Opens a channel to the other tabs. Null: the browser has none. */
  channel: (name: string) => TabTransport | null
  isOnline: () => boolean
  /** Whether the page is hidden. Browsers slow down the timers of a hidden page. False outside of a browser. */
  isHidden: () => boolean
  /** Calls back when a new try is likely to succeed: the page is online, visible or focused again. @returns a function that removes the callback. */
  onWake: (callback: () => void) => () => void
  /** Calls back when the page may not come back: it is hidden, closed or left. @returns a function that removes the callback. */
  onHide: (callback: () => void) => () => void
  /** Calls back once the page is idle. */
  whenIdle: (callback: () => void) => void
  /** Asks the browser not to evict this origin's data. @returns its answer; null: it cannot be asked. */
  persist: () => Promise<boolean | null>
}

const silent: SyncLogger = { debug() {}, info() {}, warn() {}, error() {} }

/** The environment of a browser or of Node. `overrides` replaces parts of it. */
export function createEnvironment(overrides: Partial<SyncEnvironment> = {}): SyncEnvironment {
  return {
    clock: { now: () => Date.now(), ...realTimers },
    random: () => Math.random(),
    uuid: randomUuid,
    log: silent,
    locks: findLocks(),
    channel: openChannel,
    isOnline: () => typeof navigator === 'undefined' || navigator.onLine !== false,
    isHidden: () => typeof document !== 'undefined' && document.visibilityState === 'hidden',
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

/** The browser's Web Locks. If storage is blocked, reading `navigator.locks` may throw. */
function findLocks(): TabLocks | null {
  try { return typeof navigator === 'undefined' ? null : navigator.locks as unknown as TabLocks | undefined ?? null }
  catch { return null }
}

function openChannel(name: string): TabTransport | null {
  if (typeof BroadcastChannel === 'undefined') return null
  const channel = new BroadcastChannel(name)
  // In Node an open channel would keep the process alive until the engine is stopped.
  ;(channel as unknown as { unref?: () => void }).unref?.()
  return channel as unknown as TabTransport
}

/** Listens to events of the page. A worker has no document: it only gets `online`. */
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

/** `crypto.randomUUID` is missing on pages that are not secure, such as plain HTTP on a LAN. */
function randomUuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0F) | 0x40
  bytes[8] = (bytes[8]! & 0x3F) | 0x80
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
