import { SeededRandom } from './seeded-random'
import type { SimDevice } from './sim-device'
import type { EditRequest, SimTab } from './sim-tab'
import type { SimWorld } from './sim-world'
import { SIM_KEYS } from './sim-schema'
import { WALK_EVENTS, type WalkEvent } from './walk-events'

/** Drives a history: users edit a few records many times while faults happen. */
export class RandomWalk {
  readonly events: Record<string, number> = {}
  #random: SeededRandom
  #restore: ((announced?: boolean) => Promise<void>) | null = null

  constructor(private readonly world: SimWorld, private readonly options: { tabs: number }) {
    this.#random = SeededRandom.of(world.seed, -1)
  }

  /**
   * Makes one edit, perhaps a fault, and lets some time pass. The seed and the number of the step alone decide what happens, so that a
   * history can be played with only some of its steps.
   */
  async step(index: number): Promise<void> {
    const random = this.#random = SeededRandom.of(this.world.seed, index)
    this.world.reseed(random)
    const tab = this.#anyTab()
    if (tab) void tab.edit(this.#edits(tab), { abort: random.chance(0.03) })
    for (const kind of Object.keys(WALK_EVENTS) as WalkEvent[]) {
      if (!random.chance(this.world.faults[kind])) continue
      // Run a random number of tasks first, so that the crash comes in the middle of something.
      if (kind === 'crash') await this.world.pump.drain(random.between(0, 60))
      this.events[kind] = (this.events[kind] ?? 0) + 1
      WALK_EVENTS[kind](this, random.pick(this.world.devices))
    }
    if (this.world.hand.step(index)) this.events.serverWrites = (this.events.serverWrites ?? 0) + 1
    await this.world.run(random.chance(0.1) ? random.between(1_000, 30_000) : random.between(0, 250))
  }

  get random(): SeededRandom { return this.#random }

  get at(): SimWorld { return this.world }

  /** After a while, opens a tab of the device if it has none. */
  reopenLater(device: SimDevice, afterMs: number): void {
    this.world.time.schedule(afterMs, null, () => { if (device.tabs.length < this.options.tabs) device.open() })
  }

  rememberOrRestore(): void {
    const { world } = this
    if (!this.#restore || this.#random.chance(0.3)) this.#restore = world.backUp()
    else void this.#restore(this.#random.chance(0.5))
  }

  #anyTab(): SimTab | undefined {
    const tabs = this.world.devices.flatMap(device => device.tabs.filter(tab => tab.state === 'running'))
    return tabs.length ? this.#random.pick(tabs) : undefined
  }

  #edits({ schemaVersion }: SimTab): EditRequest[] {
    const random = this.#random
    const count = random.chance(0.15) ? random.between(2, 4) : 1
    const pks = new Set(Array.from({ length: count }, () => random.pick(SIM_KEYS)))
    const tableName = schemaVersion > 1 && random.chance(0.2) ? 'extras' : random.chance(0.65) ? 'items' : 'drafts'
    return Array.from(pks, pk => ({
      kind: random.pick(['put', 'put', 'put', 'update', 'update', 'delete', 'delete', 'add']),
      tableName,
      pk,
      ...(tableName === 'drafts' ? this.#draft() : {}),
    }))
  }

  /** A draft is shared, held back or private. */
  #draft(): Pick<EditRequest, 'hold' | 'secret'> {
    return this.#random.pick([{}, {}, {}, { hold: true }, { hold: true }, { secret: true }, { secret: true }])
  }
}
