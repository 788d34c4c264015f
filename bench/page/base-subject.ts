import { measure } from './measure'
import { makeRow, makeRows, type Row } from './rows'
import { epochNow } from './epoch-now'
import { PROBE_ID } from './probe-watcher'

/** What all subjects do in the same way, so that they are measured alike. */
export abstract class BaseSubject {
  /** When the last bulk write had committed. */
  committedAt = 0

  /** Writes one row. Resolves when it is stored, as far as the library says so. */
  abstract put(row: Row): PromiseLike<unknown>
  /** Writes many rows at once. */
  abstract bulkPut(rows: Row[]): PromiseLike<unknown>

  async singleWrites(count: number): Promise<number[]> {
    const times: number[] = []
    for (const row of makeRows(count)) times.push(await measure(() => this.put(row)))
    return times
  }

  async spacedWrites(count: number, pauseMs: number): Promise<void> {
    for (const row of makeRows(count)) {
      performance.mark('edit')
      await this.put(row)
      await new Promise(resolve => setTimeout(resolve, pauseMs))
    }
    performance.mark('edit')
  }

  async bulkWrite(count: number): Promise<number> {
    const rows = makeRows(count)
    const time = await measure(() => this.bulkPut(rows))
    this.committedAt = performance.now()
    return time
  }

  async writeProbe(sequence: number): Promise<number> {
    const row = { ...makeRow(sequence), id: PROBE_ID }
    const at = epochNow()
    await this.put(row)
    return at
  }
}

/** @throws Error that names the subject, when it does not hold what it should */
export function checkHeld(who: string, held: number, expected: number): void {
  if (held !== expected) throw new Error(`${who} holds ${held} of ${expected} rows`)
}
