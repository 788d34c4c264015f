/** A run of versions, from `from` (exclusive) to `to` (inclusive), that the store gave to the edits of one push of this device. */
export interface OwnStretch {
  from: number
  to: number
}

/** How many stretches are remembered: more than pushes can be under way at once. */
const KEPT = 16

/**
 * Remembers which versions this device's own pushes made. When the workspace's version moves, the subscription skips these, so that the device does
 * not fetch its own edits back.
 */
export class OwnStretches {
  #known: ({ workspaceId: string } & OwnStretch)[] = []

  add(workspaceId: string, { from, to }: OwnStretch): void {
    if (to <= from) return
    this.#known.push({ workspaceId, from, to })
    if (this.#known.length > KEPT) this.#known.shift()
  }

  /** Called when a subscription begins. Older versions must not be skipped: the store may have been restored, and have given them to other edits. */
  forget(workspaceId: string): void {
    this.#known = this.#known.filter(stretch => stretch.workspaceId !== workspaceId)
  }

  /** The version up to which everything after `version` comes from this device's pushes. `version` itself: the next one does not. */
  after(workspaceId: string, version: number): number {
    let reached = version
    for (const stretch of this.#known) {
      if (stretch.workspaceId === workspaceId && stretch.from === reached) reached = stretch.to
    }
    return reached
  }
}
