import type { SyncEnvironment } from 'or3-sync/client'

/** What an engine takes from its device, where a fault changes it: the clock, and what the browser says of the network. */
export class DeviceLink {
  /** How far the device's clock is ahead of the machine's, in milliseconds. */
  offset = 0
  #isOnline = true
  readonly #wakers = new Set<() => void>()

  setOnline(isOnline: boolean): void {
    const wakes = isOnline && !this.#isOnline
    this.#isOnline = isOnline
    if (wakes) for (const wake of [...this.#wakers]) wake()
  }

  environment(): Partial<SyncEnvironment> {
    return {
      clock: { now: () => Date.now() + this.offset, setTimeout: (callback, ms) => setTimeout(callback, ms), clearTimeout: handle => clearTimeout(handle as number) },
      isOnline: () => this.#isOnline,
      onWake: (callback) => {
        this.#wakers.add(callback)
        return () => this.#wakers.delete(callback)
      },
      // Devices of one user in one process of Node are no tabs of each other.
      ...typeof document === 'undefined' && { channel: () => null },
    }
  }
}
