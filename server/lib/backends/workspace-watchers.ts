/** The listeners for commits, by workspace. */
export class WorkspaceWatchers {
  readonly #listeners = new Map<string, Set<() => void>>()

  get size(): number { return this.#listeners.size }

  /** The workspaces that somebody watches. */
  get workspaces(): string[] { return [...this.#listeners.keys()] }

  has(workspaceId: string): boolean { return this.#listeners.has(workspaceId) }

  /** @returns the unsubscriber; calling it again does nothing. */
  add(workspaceId: string, listener: () => void): () => void {
    let set = this.#listeners.get(workspaceId)
    if (!set) this.#listeners.set(workspaceId, set = new Set())
    // A wrapper, so that one function may be added twice.
    const entry = () => listener()
    set.add(entry)
    return () => {
      set.delete(entry)
      if (set.size === 0 && this.#listeners.get(workspaceId) === set) this.#listeners.delete(workspaceId)
    }
  }

  notify(workspaceId: string): void {
    for (const listener of [...this.#listeners.get(workspaceId) ?? []]) listener()
  }

  notifyAll(): void {
    for (const workspaceId of this.workspaces) this.notify(workspaceId)
  }
}
