import { SeededRandom } from './seeded-random'
import type { SimDevice } from './sim-device'
import type { EditRequest, SimTab } from './sim-tab'
import type { SimWorld } from './sim-world'
import { LONG_TEXT, SIM_KEYS, type OddFields } from './sim-schema'
import { LATE_EVENTS, WALK_EVENTS, type LateEvent, type WalkEvent } from './walk-events'

/** Changes the seed for the events that were added later. */
const LATE = 0x10000000

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
    this.#lateEvents(index)
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

  /** Events that were added later have a sequence of their own, so that the histories of older seeds stay as they were. */
  #lateEvents(index: number): void {
    const random = SeededRandom.of(this.world.seed ^ LATE, index)
    for (const [kind, happen] of Object.entries(LATE_EVENTS) as [LateEvent, typeof LATE_EVENTS[LateEvent]][]) {
      if (!random.chance(this.world.faults[kind])) continue
      this.events[kind] = (this.events[kind] ?? 0) + 1
      happen({ random, at: this.world, rememberOrRestore: () => { this.rememberOrRestore() } }, random.pick(this.world.devices))
    }
  }

  #anyTab(): SimTab | undefined {
    const tabs = this.world.devices.flatMap(device => device.tabs.filter(tab => tab.state === 'running'))
    return tabs.length ? this.#random.pick(tabs) : undefined
  }

  #edits({ schemaVersion, device }: SimTab): EditRequest[] {
    const random = this.#random
    const count = random.chance(0.15) ? random.between(2, 4) : 1
    const pks = new Set(Array.from({ length: count }, () => random.pick(SIM_KEYS)))
    const tableName = schemaVersion > 1 && random.chance(0.2) ? 'extras' : random.chance(0.65) ? 'items' : 'drafts'
    return Array.from(pks, pk => ({
      kind: random.pick(['put', 'put', 'put', 'update', 'update', 'delete', 'delete', 'add']),
      tableName,
      pk,
      ...(tableName === 'drafts' ? this.#draft() : {}),
      ...(this.world.traits.oddRows ? this.#oddRow(tableName, device) : {}),
    }))
  }

  /** Most rows are ordinary ones. An update takes away what was odd in the row before. */
  #oddRow(tableName: string, { schema }: SimDevice): Pick<EditRequest, 'odd' | 'hold' | 'secret'> {
    const random = this.#random
    if (tableName === 'items') {
      return { odd: { mood: undefined, text: undefined, ...random.pick<OddFields>([{}, {}, {}, {}, { mood: 'old' }, { mood: 'new' }, { mood: 'new' }, { text: LONG_TEXT }]) } }
    }
    if (tableName !== 'drafts') return {}
    const drawn = random.pick(['v1', 'v2', 'v2', 'turns', 'fails', undefined, undefined, undefined] as const)
    // Once a device's rows are upgraded, no app writes rows there that the upgrade would have to change.
    const scope = drawn === 'turns' && schema.version > 1 ? undefined : drawn
    return { odd: { scope }, ...(scope ? { hold: undefined, secret: undefined } : {}) }
  }

  /** A draft is shared, held back or private. */
  #draft(): Pick<EditRequest, 'hold' | 'secret'> {
    return this.#random.pick([{}, {}, {}, { hold: true }, { hold: true }, { secret: true }, { secret: true }])
  }
}
