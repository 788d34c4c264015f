import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { ChangeStamp, SyncOperation } from '#or3-sync/shared/sync/protocol/types'
import type { SeededRandom } from '../simulation/seeded-random'
import type { OpOptions } from './make-op'

/** A record in a revision, as pages and stores have it. */
interface Seen {
  tableName: string
  pk: string
  op: SyncOperation
  serverVersion: number
  stamp: Pick<ChangeStamp, 'clock'>
}

export interface GroupWriterOptions {
  random: SeededRandom
  /** Names of tables from which the records are taken. Default: `todos`. */
  tables?: readonly string[]
  /** How many records each table has. Default: 9. */
  records?: number
  /** The row of a record. Default: that of `acceptedOp`. */
  row?: (pk: string, clock: number) => OpOptions['payload']
}

/**
 * Makes groups: batches of several records that belong together. It knows what the store holds after each of them, if it is the only writer.
 * Each group has a clock of its own, so no two states are equal.
 */
export class GroupWriter {
  /** What the store holds, by record: before the first group, after the first, and so on. */
  readonly states: ReadonlyMap<string, string>[] = [new Map()]

  constructor(private readonly options: GroupWriterOptions) {}

  /** Two to five records, or `size` records. The group counts as written from now on. */
  next(size = this.options.random.between(2, 5)): OpOptions[] {
    const { random, tables = ['todos'], records = 9, row } = this.options
    const clock = this.states.length
    const all = tables.flatMap(table => Array.from({ length: records }, (_, index) => ({ table, pk: `${table}-${index}` })))
    const group = Array.from({ length: Math.min(size, all.length) }, () => {
      const [{ table, pk }] = all.splice(random.between(0, all.length - 1), 1) as [typeof all[number]]
      const op = random.chance(0.15) ? 'delete' as const : 'put' as const
      return { table, pk, op, clock, ...op === 'put' && row && { payload: row(pk, clock) } }
    })
    const state = new Map(this.states.at(-1))
    for (const { table, pk, op } of group) state.set(recordKey(table, pk), `${op} at ${clock}`)
    this.states.push(state)
    return group
  }
}

/**
 * Reads pages of a feed, and notes what it holds at each level: the newest revision of each record of all pages so far, at a page that says
 * that nothing follows.
 */
export class LevelReader {
  readonly levels: ReadonlyMap<string, string>[] = []
  #held = new Map<string, { version: number, text: string }>()

  /** The newest revision of each record that any page has held, also of pages after the last level. */
  get newest(): ReadonlyMap<string, string> {
    return new Map([...this.#held].map(([key, { text }]) => [key, text]))
  }

  /** A page that continues the one before. */
  take(rows: readonly Seen[], hasMore: boolean): void {
    for (const { tableName, pk, op, serverVersion, stamp } of rows) {
      const key = recordKey(tableName, pk)
      if ((this.#held.get(key)?.version ?? 0) < serverVersion) this.#held.set(key, { version: serverVersion, text: `${op} at ${stamp.clock}` })
    }
    if (!hasMore) this.levels.push(this.newest)
  }
}

/**
 * Compares what a reader held at its levels with what the writer's groups made. `tables` are those that the reader reads. Default: all.
 *
 * @returns for each level the number of groups that it shows. `'torn'`: no number of whole groups gives what the reader held, or only a number
 * below that of the level before.
 */
export function wholeGroups(writer: GroupWriter, reader: LevelReader, tables?: readonly string[]): (number | 'torn')[] {
  const states = writer.states.map(state => textOf(new Map([...state].filter(([key]) => !tables || tables.some(table => key.startsWith(recordKey(table, '')))))))
  let last = 0
  return reader.levels.map((level) => {
    const found = states.lastIndexOf(textOf(level))
    if (found < last) return 'torn'
    last = found
    return found
  })
}

function textOf(state: ReadonlyMap<string, string>): string {
  return JSON.stringify([...state].sort(([a], [b]) => a < b ? -1 : 1))
}
