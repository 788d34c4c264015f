import type { SoakDevice, SoakDeviceOptions } from './soak-device.ts'

/** The methods of a device that can be called from the process that runs the soak. */
export type DeviceMethod = 'open' | 'firstSync' | 'edit' | 'rest' | 'takeEvents' | 'reopen' | 'setClock' | 'setOnline' | 'settle' | 'look' | 'dump' | 'close'

/** A call of a device in another process. `create` makes the device of that name. */
export type HostCall = { id: number, device: string } & (
  | { method: 'create', args: [SoakDeviceOptions] }
  | { method: DeviceMethod, args: unknown[] }
)

export type HostAnswer = { id: number, result: unknown } | { id: number, error: string }

/** Makes and calls devices as it is told. */
export class DeviceHost {
  readonly #devices = new Map<string, SoakDevice>()
  readonly #create: (options: SoakDeviceOptions) => SoakDevice

  constructor(create: (options: SoakDeviceOptions) => SoakDevice) {
    this.#create = create
  }

  async answer({ id, device, method, args }: HostCall): Promise<HostAnswer> {
    try {
      if (method === 'create') {
        this.#devices.set(device, this.#create(args[0]))
        return { id, result: null }
      }
      const target = this.#devices.get(device)!
      const call = target[method] as (...args: unknown[]) => unknown
      return { id, result: await call.apply(target, args) ?? null }
    }
    catch (error) { return { id, error: error instanceof Error ? error.stack ?? error.message : String(error) } }
  }
}
