/** How often each record's newest edit was sent. What it was before does not matter any more: nothing of that is kept. */
export class PushAttempts {
  readonly #byRecord = new Map<string, { opId: string, count: number }>()

  /** One more. @returns how many there were with it. */
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
