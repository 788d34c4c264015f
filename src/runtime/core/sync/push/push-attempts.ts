/** Counts how often each record's newest edit was sent. Counts of older edits are dropped. */
export class PushAttempts {
  readonly #byRecord = new Map<string, { opId: string, count: number }>()

  /** Counts one more try. @returns the tries so far, with this one. */
  add(key: string, opId: string): number {
    const count = this.of(key, opId) + 1
    this.#byRecord.set(key, { opId, count })
    return count
  }

  of(key: string, opId: string): number {
    const known = this.#byRecord.get(key)
    return known?.opId === opId ? known.count : 0
  }

  forget(key: string, opId: string): void {
    if (this.#byRecord.get(key)?.opId === opId) this.#byRecord.delete(key)
  }

  clear(): void {
    this.#byRecord.clear()
  }
}
