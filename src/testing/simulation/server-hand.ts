import type { Revision } from '#or3-sync/shared/sync/protocol/revision'
import { SyncError } from 'or3-sync/server'
import type { Edit } from './journal'
import { SeededRandom } from './seeded-random'
import { serverName } from './server-name'
import { SIM_KEYS, type SimRow } from './sim-schema'
import type { SimWorld } from './sim-world'
import { InvariantViolation } from './step-checks'

/** Changes the seed for the server's own writes, so that they draw nothing that other parts of a history draw. */
const OWN_SEED = 0x20000000
/** How long the server takes between reading rows and writing them, in milliseconds. */
const THINKS_MS = 3_000

type Expect = { clock: number, hlc: string } | null

/** One edit of a call of `write`, before it has an entry in the journal. */
export interface HandRequest {
  kind: 'put' | 'update' | 'delete'
  tableName: string
  pk: string
  expect?: Expect
}

/** The calls of the gateway, with the rows of the simulation's tables. */
interface RowCalls {
  write(workspaceId: string, edits: readonly Record<string, unknown>[]): Promise<{ rows: (SimRow | null)[] }>
  get(workspaceId: string, tableName: string, pk: string): Promise<SimRow | undefined>
  list(workspaceId: string, tableName: string): Promise<{ rows: SimRow[] }>
}

/** What became of a call: written, or the code with which it was refused. */
export type HandOutcome = 'written' | SyncError['code']

/** The server of a history, which reads and writes rows itself, by `get`, `list` and `write` of the gateway. */
export class ServerHand {
  /** The end of the call that began last. The calls do not overlap, so what they read is written down in the order in which it was read. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(private readonly world: SimWorld) {}

  /** Whether and what the server writes at a step of the history. The seed and the number of the step decide that alone. @returns whether it writes */
  step(index: number): boolean {
    const { world } = this
    const random = SeededRandom.of(world.seed ^ OWN_SEED, index)
    // With a provider of the caller's own, there is no gateway that the devices share.
    if (!world.hasOracle || !random.chance(world.faults.serverWrites)) return false
    const { workspaceId } = random.pick(world.devices)
    world.time.schedule(random.between(0, 300), null, () => {
      // What the checks have found is thrown by the next step of the world.
      void this.#act(workspaceId, random).catch((error: unknown) => { if (!(error instanceof InvariantViolation)) throw error })
    })
    return true
  }

  /** Writes these edits in one call. */
  async write(workspaceId: string, requests: readonly HandRequest[]): Promise<HandOutcome> {
    return await this.#alone(async () => {
      const { journal, checks, log } = this.world
      const name = serverName(workspaceId)
      const edits = requests.map(({ kind, tableName, pk }) => journal.open({ tab: name, device: name, tableName, pk, op: kind === 'delete' ? 'delete' : 'put' }))
      for (const edit of edits) edit.group = edits[0]!.id
      const ids = edits.map(({ id }) => id).join(' ')
      log(`${name} writes ${requests.map(({ kind, tableName, pk, expect }, index) => `${edits[index]!.id} ${kind} ${tableName}/${pk}${expect === undefined ? '' : ` expecting ${expect ? `@${expect.clock}` : 'nothing'}`}`).join(', ')}`)
      checks.writes.begin(edits)
      try {
        const { rows } = await this.#rows.write(workspaceId, requests.map((request, index) => tableEdit(request, edits[index]!)))
        checks.writes.answered(edits, rows)
        return 'written'
      }
      catch (error) {
        if (!(error instanceof SyncError)) throw error
        log(`${name} is refused ${ids}: ${error.message}`)
        checks.writes.refused(edits, error)
        return error.code
      }
    })
  }

  /** Reads one row by `get`. */
  async get(workspaceId: string, tableName: string, pk: string): Promise<SimRow | undefined> {
    return await this.#alone(async () => {
      const row = await this.#rows.get(workspaceId, tableName, pk)
      this.#read(workspaceId, tableName, new Map([[pk, row]]))
      return row
    })
  }

  /** Reads all rows of a table by `list`. */
  async list(workspaceId: string, tableName: string): Promise<ReadonlyMap<string, SimRow>> {
    return await this.#alone(async () => {
      const { rows } = await this.#rows.list(workspaceId, tableName)
      const listed = new Map(rows.map(row => [row.id, row]))
      this.#read(workspaceId, tableName, new Map([...new Set([...SIM_KEYS, ...listed.keys()])].map(pk => [pk, listed.get(pk)])))
      return listed
    })
  }

  /** Sometimes reads first, and writes a moment later, when devices may have changed what it had read. */
  async #act(workspaceId: string, random: SeededRandom): Promise<void> {
    const tableName = random.pick(['items', 'items', 'items', 'drafts', 'extras'])
    const pks = [...new Set(Array.from({ length: random.pick([1, 1, 2, 3, 4]) }, () => random.pick(SIM_KEYS)))]
    const read = new Map<string, SimRow | undefined>()
    const how = random.pick(['get', 'list', 'nothing'] as const)
    if (how === 'list') for (const [pk, row] of await this.list(workspaceId, tableName)) read.set(pk, row)
    if (how === 'get') for (const pk of pks) read.set(pk, await this.get(workspaceId, tableName, pk))
    if (random.chance(0.5)) await this.world.time.sleep(random.between(0, THINKS_MS))
    await this.write(workspaceId, pks.map((pk): HandRequest => {
      const kind = random.pick(['put', 'put', 'update', 'update', 'delete'] as const)
      return { kind: kind === 'update' && how !== 'nothing' && !read.get(pk) ? 'put' : kind, tableName, pk, ...expected(random, how === 'nothing' ? undefined : read.get(pk) ?? null) }
    }))
  }

  get #rows(): RowCalls {
    return this.world.gateway as unknown as RowCalls
  }

  #read(workspaceId: string, tableName: string, rows: ReadonlyMap<string, SimRow | undefined>): void {
    this.world.history?.served(workspaceId, new Map([...rows].map(([pk, row]) => [`${tableName}/${pk}`, row ? revisionOf(row) : null])))
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.world.pump.outside(this.#last.then(work))
    this.#last = result.catch(() => {})
    return result
  }
}

/** What a write expects of a record that was read as `row`; null: there was none, undefined: it was not read. Mostly what was read, rarely what cannot be. */
function expected(random: SeededRandom, row: SimRow | null | undefined): Pick<HandRequest, 'expect'> {
  if (random.chance(0.05)) return { expect: { clock: 1_000_000, hlc: '000000000:0000:aaaaaaaa' } }
  if (row === undefined) return random.chance(0.1) ? { expect: null } : {}
  return random.chance(0.6) ? { expect: row && revisionOf(row) } : {}
}

function tableEdit({ kind, tableName, pk, expect }: HandRequest, { id }: Edit): Record<string, unknown> {
  const row = { id: pk, edit: id, parent: null }
  return { table: tableName, [kind]: kind === 'delete' ? pk : row, ...expect !== undefined && { expect } }
}

function revisionOf({ clock = 0, hlc = '', op_id: opId = '' }: SimRow): Revision {
  return { clock, hlc, opId }
}
