import type { SyncEnvironment } from 'or3-sync/client'
import type { Actor, VirtualTime } from './virtual-time'

type TabLocks = NonNullable<SyncEnvironment['locks']>

interface Claim {
  actor: Actor
  callback: () => Promise<void>
  resolve: (value?: unknown) => void
  reject: (reason: unknown) => void
}

/** The Web Locks of one browser: exclusive locks with a waiting line and `steal`. */
export class SimLocks {
  readonly #held = new Map<string, Claim>()
  readonly #waiting = new Map<string, Claim[]>()

  constructor(private readonly time: VirtualTime) {}

  for(actor: Actor): TabLocks {
    return {
      request: (name, { signal, steal }, callback) => new Promise((resolve, reject) => {
        if (actor.state === 'dead') return
        const claim: Claim = { actor, callback, resolve, reject }
        const waiting = this.#line(name)
        if (steal) {
          const holder = this.#held.get(name)
          this.#held.delete(name)
          if (holder) this.time.schedule(0, holder.actor, () => holder.reject(new DOMException('the lock was stolen', 'AbortError')))
          waiting.unshift(claim)
        }
        else waiting.push(claim)
        signal?.addEventListener('abort', () => {
          const index = waiting.indexOf(claim)
          if (index < 0) return
          waiting.splice(index, 1)
          reject(new DOMException('the request was aborted', 'AbortError'))
        })
        this.#grant(name)
      }),
    }
  }

  /** How many locks a tab holds or waits for. */
  usedBy(actor: Actor): number {
    return [...this.#held.values(), ...[...this.#waiting.values()].flat()].filter(claim => claim.actor === actor).length
  }

  /** Releases everything that a tab which is gone held or waited for. */
  release(actor: Actor): void {
    for (const [name, waiting] of this.#waiting) this.#waiting.set(name, waiting.filter(claim => claim.actor !== actor))
    for (const [name, claim] of [...this.#held]) {
      if (claim.actor !== actor) continue
      this.#held.delete(name)
      this.#grant(name)
    }
  }

  #line(name: string): Claim[] {
    let waiting = this.#waiting.get(name)
    if (!waiting) this.#waiting.set(name, waiting = [])
    return waiting
  }

  #grant(name: string): void {
    if (this.#held.has(name)) return
    const claim = this.#line(name).shift()
    if (!claim) return
    this.#held.set(name, claim)
    this.time.schedule(0, claim.actor, () => {
      // The lock was stolen before its tab was told that it has it.
      if (this.#held.get(name) !== claim) return
      void claim.callback().then(claim.resolve, claim.reject).then(() => {
        if (this.#held.get(name) !== claim) return
        this.#held.delete(name)
        this.#grant(name)
      })
    })
  }
}
