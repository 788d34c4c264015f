import type { StoreContent } from './store-content.ts'

/** One push: the clock and op id of each record that it wrote, by `table/pk`. */
export interface Push {
  records: Map<string, { clock: number, opId: string }>
  /** The answer's `serverVersion`. Null: no answer came. */
  version: number | null
}

export interface CutResult {
  /** Acknowledged pushes since the last cut. */
  acknowledged: number
  /** Of those: pushes that are not in the store. */
  lost: number
  /** Pushes that are in the store in part. */
  torn: number
  /** Lost pushes below the store's version: the store has later ones. */
  holes: number
  /** Records that earlier cuts had left in the store and that are older now, or gone. */
  damaged: number
}

/** What the writers have sent and were answered, to be compared with what a power cut has left. */
export class PowerLedger {
  /** What the store held after the last cut: `table/pk` -> clock. */
  #kept = new Map<string, number>()
  #pushes: Push[] = []
  /** The newest clock of each record that may be in the store: answered or not. */
  readonly #clocks = new Map<string, number>()

  /** The clock of the record's next revision. */
  nextClock(key: string): number {
    return (this.#clocks.get(key) ?? 0) + 1
  }

  add(push: Push): void {
    this.#pushes.push(push)
    for (const [key, { clock }] of push.records) this.#clocks.set(key, clock)
  }

  /** Compares the pushes since the last cut with the store, and goes on from what is there. */
  compare({ records, version }: StoreContent): CutResult {
    const clockOf = (key: string) => records.get(key)?.clock ?? 0
    const result: CutResult = { acknowledged: 0, lost: 0, torn: 0, holes: 0, damaged: [...this.#kept].filter(([key, clock]) => clockOf(key) < clock).length }
    for (const push of this.#pushes) {
      const ops = [...push.records]
      const isMissing = ops.some(([key, { clock }]) => clockOf(key) < clock)
      if (isMissing && ops.some(([key, { opId }]) => records.get(key)?.opId === opId)) result.torn++
      if (push.version === null) continue
      result.acknowledged++
      if (!isMissing) continue
      result.lost++
      if (push.version <= version) result.holes++
    }
    this.restart(new Map([...records].map(([key, { clock }]) => [key, clock])))
    return result
  }

  /** Goes on with a store that holds this. */
  restart(kept = new Map<string, number>()): void {
    this.#kept = kept
    this.#pushes = []
    this.#clocks.clear()
    for (const [key, clock] of kept) this.#clocks.set(key, clock)
  }
}
