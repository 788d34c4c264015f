import { memoryBackend } from 'or3-sync/server'
import { TaskPump } from '../../../src/testing/simulation/task-pump'
import { VirtualTime } from '../../../src/testing/simulation/virtual-time'
import type { TraceChooser } from '../contract/choose-traces'
import type { DeviceIndex, World } from '../contract/contract-state'
import type { SmallCase } from '../contract/small-contract-case'
import { nameAction } from '../contract/name-action'
import { CONTRACT_RULES } from '../contract/rules'
import { positionOf } from '../contract/store-rules'
import { initialWorld, transitions, type Action } from '../contract/transitions'
import { worldKey } from '../contract/world-key'
import { modelFacts, realFacts, type Facts } from './facts'
import { ReplayDevice } from './replay-device'

const START = Date.UTC(2026, 0, 1)
const WORKSPACE = 'w1'
/** All deletes are older than the retention. */
const GC = { retentionMs: -1_000, cursorExpiryMs: 1e12 }

export interface Replayed {
  /** The difference between the model and the real engines, with the steps up to it. Null: there is none. */
  difference: string | null
  /** They differ after an engine had two pulls under way at once, which the model does not have. The trace ended there. */
  isCut: boolean
}

export async function replay(small: SmallCase, chooser: TraceChooser): Promise<Replayed> {
  const pump = new TaskPump()
  pump.install()
  try { return await new Replay(small, chooser, pump).run() }
  finally { pump.uninstall() }
}

/** Plays a trace of the model on two real engines and the real memory store, and compares both after every step. */
class Replay {
  readonly #time = new VirtualTime(START)
  readonly #backend = memoryBackend()
  readonly #devices: readonly [ReplayDevice, ReplayDevice]
  /** The worlds of the model that the engines may be in. More than one where the contract leaves an order open that has not shown yet. */
  #worlds: World[]
  /** Puts the store back to before its last commit. */
  #restore: () => void = () => {}

  constructor(private readonly small: SmallCase, private readonly chooser: TraceChooser, private readonly pump: TaskPump) {
    const device = (userId: string) => new ReplayDevice({
      backend: this.#backend, userId, workspaceId: WORKSPACE, now: () => this.#time.now, batchOps: small.batches === 'groups' ? 1 : undefined, time: this.#time,
    })
    this.#devices = [device('d1'), device('d2')]
    this.#worlds = [initialWorld(small)]
  }

  get #world(): World {
    return this.#worlds[0]!
  }

  async run(): Promise<Replayed> {
    const difference = await this.#play()
    const isCut = difference !== null && this.#devices.some(({ pulledTwice }) => pulledTwice)
    return { difference: isCut ? null : difference, isCut }
  }

  /** @returns how the engines differ from the model, with the steps up to there. */
  async #play(): Promise<string | null> {
    const log: string[] = []
    try {
      for (const device of this.#devices) device.start()
      await this.#settle()
      if (!this.small.firstSync) await this.#level()
      for (let done = 0; ; done++) {
        const action = this.chooser.next(this.#world, done, this.small)
        if (!action) return null
        log.push(nameAction(action))
        const difference = await this.#step(action)
        if (difference) return [...log, difference].join('\n')
      }
    }
    catch (error) { return [...log, String((error as Error).stack)].join('\n') }
    finally {
      for (const device of this.#devices) device.crash()
      await this.pump.drain()
    }
  }

  /** Both devices fetch all there is. */
  async #level(): Promise<void> {
    for (const device of this.#devices) await this.#serve(device)
  }

  /** Answers the pulls of a device at once, until it asks no more. */
  async #serve(device: ReplayDevice): Promise<void> {
    while (device.provider.heldPull) {
      await device.provider.read()
      device.provider.deliver()
      await this.#settle()
    }
  }

  /** @returns how the engines differ from all worlds that may have followed. */
  async #step(action: Action): Promise<string | null> {
    const followers = this.#worlds.map(world => ({ world, next: followersOf(world, action, this.small) })).filter(({ next }) => next.length)
    this.#time.jump(1)
    await this.#act(action, followers[0]!.next[0]!)
    await this.#settle()
    const real = await realFacts(this.#devices, this.#backend, { workspaceId: WORKSPACE, floor: followers[0]!.next[0]!.store.floor })
    const fits = new Map(followers.flatMap(({ next }) => next).filter(world => differ(modelFacts(world), real) === null).map(world => [worldKey(world), world]))
    if (!fits.size) return differ(modelFacts(followers[0]!.next[0]!), real)
    this.chooser.note(this.#world, action, [...fits.values()][0]!)
    this.#worlds = [...fits.values()]
    return null
  }

  async #act(action: Action, after: World): Promise<void> {
    if (action.kind === 'collect') return void await this.#backend.gc({ now: this.#time.now, ...GC })
    if (action.kind === 'restore') {
      this.#restore()
      return void await this.#backend.newEpoch()
    }
    const device = this.#devices[action.device]
    switch (action.kind) {
      case 'write': return await this.#write(device, action.writes)
      case 'start': return device.start()
      case 'crash': return device.crash()
      case 'arrive': {
        const restore = this.#backend.backUp()
        if (after.commits.length > this.#world.commits.length) this.#restore = restore
        return await device.provider.arrive()
      }
      case 'settle': return device.provider.answer()
      case 'lose': return device.provider.lose()
      case 'resend': return void device.engine.flush().catch(() => {})
      case 'read': return await this.#read(action.device)
      case 'take': return device.provider.deliver()
      case 'rescan':
        // The device is level, so these pages change nothing.
        await this.#serve(device)
        return void device.engine.rescan().catch(() => {})
    }
  }

  async #write(device: ReplayDevice, writes: Extract<Action, { kind: 'write' }>['writes']): Promise<void> {
    const { stamps } = this.#world
    await this.#finish(device.write(writes.map(({ record, op }, index) => ({ pk: 'ab'[record]!, edit: op === 'put' ? stamps + index + 1 : null }))))
  }

  async #read(index: DeviceIndex): Promise<void> {
    const [device, model] = [this.#devices[index], this.#world.devices[index]]
    device.askForPage()
    await this.#settle()
    const asked = device.provider.heldPull
    if (!asked) throw new Error('the device asks for no page')
    const expected = `${model.walk && model.walk.moved === null ? 'walk' : 'feed'} from ${positionOf(model)}`
    const found = `${asked.bootstrap ? 'walk' : 'feed'} from ${asked.cursor}`
    if (found !== expected) throw new Error(`the device asks for the ${found}, the model for the ${expected}`)
    await device.provider.read()
  }

  async #finish(work: Promise<unknown>): Promise<void> {
    let isOver = false
    void work.finally(() => { isOver = true }).catch(() => {})
    while (!isOver) await this.#settle()
    await work
  }

  /** Until nothing more happens at this moment. */
  async #settle(): Promise<void> {
    await this.pump.drain()
    while (this.#time.nextAt <= this.#time.now) {
      this.#time.step()
      await this.pump.drain()
    }
  }
}

function differ(model: Facts, real: Facts): string | null {
  const lines = Object.keys(model).filter(name => model[name] !== real[name]).map(name => `${name}: the model has ${model[name]}, the engine has ${real[name]}`)
  return lines.length ? lines.join('\n') : null
}

function followersOf(world: World, action: Action, small: SmallCase): World[] {
  const name = nameAction(action)
  return [...transitions(world, small, CONTRACT_RULES)].filter(other => nameAction(other.action) === name).map(({ next }) => next)
}
