import type { DeviceDump, DeviceEvent, SeenRevision } from './device-events.ts'
import type { DeviceMethod, HostCall } from './host-call.ts'
import type { SoakDeviceOptions } from './soak-device.ts'

/** What carries calls to where the device runs. Rejects with the device's error. */
export interface DeviceSeat {
  call: (call: Omit<HostCall, 'id'>) => Promise<unknown>
  /** In a browser: loads the page anew, so that whatever it was doing is cut off. */
  reload?: () => Promise<void>
}

/** Each revision once: all devices see the same ones, thousands of times in a long run. */
const revisions = new Map<string, SeenRevision>()

/** A device in another process, and all that it has recorded. */
export class RemoteDevice {
  readonly name: string
  readonly events: DeviceEvent[] = []
  readonly #options: SoakDeviceOptions
  readonly #seat: DeviceSeat

  constructor(seat: DeviceSeat, options: SoakDeviceOptions) {
    this.name = options.name
    this.#seat = seat
    this.#options = options
  }

  get isInBrowser(): boolean {
    return this.#seat.reload !== undefined
  }

  async open(): Promise<void> {
    await this.#create(1)
    await this.#call('firstSync')
  }

  async edit(perSecond: number): Promise<void> {
    await this.#call('edit', perSecond)
  }

  /** Resolves when the device edits no more and `events` has all that it did. @returns the number of its next transaction */
  async rest(): Promise<number> {
    const next = await this.#call('rest') as number
    await this.collect()
    return next
  }

  /** Closes the engine and opens another one. In a browser the page is loaded anew, without any warning to the engine. The device rests. */
  async reopen(): Promise<void> {
    const next = await this.rest()
    if (!this.#seat.reload) {
      await this.#call('reopen')
      return
    }
    await this.#seat.reload()
    await this.#create(next)
  }

  async setClock(offset: number): Promise<void> {
    await this.#call('setClock', offset)
  }

  async setOnline(isOnline: boolean): Promise<void> {
    await this.#call('setOnline', isOnline)
  }

  async settle(ms: number): Promise<boolean> {
    return await this.#call('settle', ms) as boolean
  }

  /** Has the device read its whole database, and collects that. */
  async look(): Promise<void> {
    await this.#call('look')
    await this.collect()
  }

  async dump(): Promise<DeviceDump> {
    return await this.#call('dump') as DeviceDump
  }

  async close(): Promise<void> {
    await this.#call('close')
  }

  async collect(): Promise<void> {
    for (const event of await this.#call('takeEvents') as DeviceEvent[]) {
      for (const entry of event.kind === 'read' ? event.changes : event.reads) entry[1] = entry[1] && shared(entry[1])
      this.events.push(event)
    }
  }

  async #create(firstNumber: number): Promise<void> {
    await this.#seat.call({ device: this.name, method: 'create', args: [{ ...this.#options, firstNumber }] })
    await this.#call('open')
  }

  async #call(method: DeviceMethod, ...args: unknown[]): Promise<unknown> {
    return await this.#seat.call({ device: this.name, method, args })
  }
}

function shared(revision: SeenRevision): SeenRevision {
  const known = revisions.get(revision[2])
  if (known) return known
  revisions.set(revision[2], revision)
  return revision
}
