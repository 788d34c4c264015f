/** What was acknowledged, and what has arrived where. Times are milliseconds of `performance.now()`. */
export class Ledger {
  /** Keys by workspace. */
  readonly acknowledged = new Map<string, Set<string>>()
  /** From the moment a push was first sent to the moment a subscriber had it. */
  deliveryMs: number[] = []
  /** From the moment a push was sent to its acknowledgement. */
  pushMs: number[] = []
  refused = new Map<string, number>()
  deliveries = 0

  acknowledge(workspace: string, pk: string, ms: number): void {
    let keys = this.acknowledged.get(workspace)
    if (!keys) this.acknowledged.set(workspace, keys = new Set())
    keys.add(pk)
    this.pushMs.push(ms)
  }

  deliver(ms: number): void {
    this.deliveries++
    this.deliveryMs.push(ms)
  }

  refuse(why: string): void {
    this.refused.set(why, (this.refused.get(why) ?? 0) + 1)
  }

  /** The keys that `has` does not have, over all it should. */
  missing(workspace: string, has: ReadonlySet<string>): string[] {
    return [...this.acknowledged.get(workspace) ?? []].filter(pk => !has.has(pk))
  }

  get count(): number {
    let count = 0
    for (const keys of this.acknowledged.values()) count += keys.size
    return count
  }

  /** Begins new measurements; what was acknowledged stays. */
  resetTimes(): void {
    this.deliveryMs = []
    this.pushMs = []
    this.refused = new Map()
    this.deliveries = 0
  }
}
