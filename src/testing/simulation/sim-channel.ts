import type { SyncEnvironment } from 'or3-sync/client'
import type { SeededRandom } from './seeded-random'
import type { Actor, VirtualTime } from './virtual-time'

type Transport = NonNullable<ReturnType<SyncEnvironment['channel']>>

/** A message between tabs takes up to this many milliseconds. */
const MAX_DELAY_MS = 8

/** The BroadcastChannels of one browser. Messages from one tab to another keep their order. */
export class SimChannels {
  readonly #open: { name: string, actor: Actor, transport: Transport, lastAt: number }[] = []

  constructor(private readonly options: { time: VirtualTime, random: SeededRandom }) {}

  open(actor: Actor, name: string): Transport {
    const { time, random } = this.options
    const transport: Transport = {
      onmessage: null,
      postMessage: (message) => {
        if (actor.state === 'dead') return
        for (const other of this.#open) {
          if (other.name !== name || other.transport === transport) continue
          other.lastAt = Math.max(other.lastAt, time.now + random.between(0, MAX_DELAY_MS))
          const data: unknown = structuredClone(message)
          time.schedule(other.lastAt - time.now, other.actor, () => {
            if (this.#open.includes(other)) other.transport.onmessage?.({ data })
          })
        }
      },
      close: () => {
        const index = this.#open.findIndex(other => other.transport === transport)
        if (index >= 0) this.#open.splice(index, 1)
      },
    }
    this.#open.push({ name, actor, transport, lastAt: 0 })
    return transport
  }

  /** Sends a message to every tab, from none of them. */
  shout(data: unknown): void {
    for (const { transport } of [...this.#open]) transport.onmessage?.({ data: structuredClone(data) })
  }

  /** How many channels a tab has open. */
  usedBy(actor: Actor): number {
    return this.#open.filter(other => other.actor === actor).length
  }

  /** Closes the channels of a tab that is gone. */
  release(actor: Actor): void {
    for (const { transport, actor: owner } of [...this.#open]) if (owner === actor) transport.close()
  }
}
