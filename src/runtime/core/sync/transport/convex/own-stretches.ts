/** Versions from `from` (exclusive) to `to`: all of them given to edits of one push. */
export interface OwnStretch {
  from: number
  to: number
}

/** More than can be on their way at once. */
const KEPT = 16

/** What this device's own pushes brought about, so that it need not fetch its own edits back. */
export class OwnStretches {
  #known: ({ workspaceId: string } & OwnStretch)[] = []

  add(workspaceId: string, { from, to }: OwnStretch): void {
    if (to <= from) return
    this.#known.push({ workspaceId, from, to })
    if (this.#known.length > KEPT) this.#known.shift()
  }

  /** Versions from before a subscription say nothing: the store may have been restored meanwhile. */
  forget(workspaceId: string): void {
    this.#known = this.#known.filter(stretch => stretch.workspaceId !== workspaceId)
  }

  /** The version up to which everything after `version` is this device's own: `version` itself where nothing is. */
  after(workspaceId: string, version: number): number {
    let reached = version
    for (const stretch of this.#known) {
      if (stretch.workspaceId === workspaceId && stretch.from === reached) reached = stretch.to
    }
    return reached
  }
}
