/** Records which edits were acknowledged and how long they took. Times are milliseconds of `performance.now()`. */
export class Ledger {
  /** Workspace -> keys of acknowledged records. */
  readonly acknowledged = new Map<string, Set<string>>()
  /** Times from the first sending of a push until a subscriber had its change. */
  deliveryMs: number[] = []
  /** Times from sending a push to its acknowledgement. */
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

  /** The acknowledged keys of the workspace that are not in `has`. */
  missing(workspace: string, has: ReadonlySet<string>): string[] {
    return [...this.acknowledged.get(workspace) ?? []].filter(pk => !has.has(pk))
  }

  get count(): number {
    let count = 0
    for (const keys of this.acknowledged.values()) count += keys.size
    return count
  }

  /** Starts new measurements. The acknowledged keys stay. */
  resetTimes(): void {
    this.deliveryMs = []
    this.pushMs = []
    this.refused = new Map()
    this.deliveries = 0
  }
}
