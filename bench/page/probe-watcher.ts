import { liveQuery } from 'dexie'
import type { Dexie } from 'dexie'
import { epochNow } from './epoch-now'
import type { Row } from './rows'

export const PROBE_ID = '00000000-0000-4000-8000-000000000000'

/** Follows the probe row as an app would, and notes when each sequence number shows. */
export class ProbeWatcher {
  readonly #seen = new Map<number, number>()
  readonly #waiting = new Map<number, (at: number) => void>()

  /** Follows the row through `liveQuery`. */
  watch(db: Dexie): void {
    liveQuery(() => db.table<Row>('items').get(PROBE_ID)).subscribe(row => this.show(row))
  }

  /** Takes what the library shows of the probe row. */
  show(row: Pick<Row, 'position'> | undefined | null): void {
    if (!row || this.#seen.has(row.position)) return
    const at = epochNow()
    this.#seen.set(row.position, at)
    this.#waiting.get(row.position)?.(at)
  }

  async until(sequence: number): Promise<number> {
    return this.#seen.get(sequence) ?? await new Promise(resolve => this.#waiting.set(sequence, resolve))
  }
}
