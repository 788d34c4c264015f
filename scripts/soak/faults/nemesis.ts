import { setTimeout as pause } from 'node:timers/promises'
import type { RemoteDevice } from '../device/remote-device.ts'
import type { ServerChild } from '../server/server-child.ts'
import type { FaultKind, PlannedFault } from './plan-faults.ts'
import type { Relay } from './relay.ts'

export interface NemesisParts {
  server: ServerChild
  devices: readonly RemoteDevice[]
  /** The relay of each device. */
  relays: readonly Relay[]
  /** Transactions a second of each device, for one that was stopped and goes on. */
  ratePerDevice: number
}

/** Makes the planned faults happen, and ends them. */
export class Nemesis {
  readonly counts = new Map<FaultKind, number>()
  readonly #parts: NemesisParts

  constructor(parts: NemesisParts) {
    this.#parts = parts
  }

  /** Resolves when all faults are over. The clocks stay as they were set last. */
  async run(plan: readonly PlannedFault[]): Promise<void> {
    const startedAt = performance.now()
    const until = (seconds: number) => pause(Math.max(0, startedAt + seconds * 1_000 - performance.now()))
    // One after the other on the server, and on each device: an end that comes late must not end the next fault.
    const lanes = Map.groupBy(plan, ({ device }) => device)
    await Promise.all([...lanes.values()].map(async (faults) => {
      for (const fault of faults) {
        await until(fault.from)
        this.counts.set(fault.kind, (this.counts.get(fault.kind) ?? 0) + 1)
        await this.#happen(fault, () => until(fault.to))
      }
    }))
  }

  async #happen({ kind, device, offset }: PlannedFault, untilOver: () => Promise<unknown>): Promise<void> {
    const { server, devices, relays, ratePerDevice } = this.#parts
    const [relay, remote] = [relays[device ?? 0]!, devices[device ?? 0]!]
    switch (kind) {
      case 'kill':
        await server.kill()
        await untilOver()
        return await server.start()
      case 'freeze':
        server.freeze()
        await untilOver()
        return server.thaw()
      case 'cut-all': return relays.forEach(each => each.cut())
      case 'cut': return relay.cut()
      case 'stall':
        relay.setStalled(true)
        await untilOver()
        return relay.setStalled(false)
      case 'offline':
        relay.setRefusing(true)
        await remote.setOnline(false)
        await untilOver()
        relay.setRefusing(false)
        return await remote.setOnline(true)
      case 'clock': case 'far-clock': return await remote.setClock(offset)
      case 'reopen':
        await remote.reopen()
        return await remote.edit(ratePerDevice)
    }
  }
}
