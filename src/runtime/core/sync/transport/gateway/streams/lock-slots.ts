import { LOCKS_ANSWER_MS, STREAM_SLOTS } from '../../../../../shared/sync/protocol/limits'
import type { StreamSlot, StreamSlots } from './stream-slots'

/** The part of the Web Locks API that is used. */
export interface SlotLocks {
  request: (name: string, options: { ifAvailable: true }, callback: (lock: unknown) => Promise<void>) => Promise<unknown>
}

export interface LockSlotsOptions {
  locks: SlotLocks
  name: string
  /** Used if locks turn out not to work. */
  instead: StreamSlots
}

/** Each place is a Web Lock. If its tab closes or crashes, the browser frees it. */
export class LockSlots implements StreamSlots {
  #work = true

  constructor(private readonly options: LockSlotsOptions) {}

  async take(): Promise<StreamSlot | null> {
    for (let index = 0; index < STREAM_SLOTS && this.#work; index++) {
      const slot = await this.#takeOne(`${this.options.name}:${index}`)
      if (slot) return slot
    }
    return this.#work ? null : await this.options.instead.take()
  }

  #takeOne(name: string): Promise<StreamSlot | null> {
    return new Promise((resolve) => {
      const lost = new AbortController()
      let release = () => {}
      const released = new Promise<void>((done) => { release = done })
      const giveUp = () => {
        clearTimeout(timer)
        this.#work = false
        release()
        resolve(null)
      }
      const timer = setTimeout(giveUp, LOCKS_ANSWER_MS)
      let isAnswered = false
      this.options.locks.request(name, { ifAvailable: true }, async (lock) => {
        isAnswered = true
        clearTimeout(timer)
        resolve(lock ? { lost: lost.signal, release } : null)
        if (lock) await released
      }).catch(() => {
        if (isAnswered) lost.abort()
        else giveUp()
      })
    })
  }
}
