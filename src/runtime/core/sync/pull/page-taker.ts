import { STEP_CUT_OFFS } from '../../../shared/sync/protocol/limits'
import type { CursorManager } from '../progress/cursor-manager'
import type { ChangeApplier } from './change-applier'
import { LevelStep, type ReadPage } from './level-step'

export interface PageTakerOptions {
  applier: ChangeApplier
  cursors: CursorManager
}

/**
 * Takes the pages of the feed, in their order, and applies them as level steps. A step that is too large, or that was cut off twice before it
 * could be applied, is applied page by page, and `consistent` is false meanwhile.
 */
export class PageTaker {
  #step: LevelStep | null = null
  #isByPage: boolean

  constructor(private readonly options: PageTakerOptions) {
    this.#isByPage = (options.cursors.state.cutOffs ?? 0) >= STEP_CUT_OFFS
  }

  /** The version up to which pages were taken. The next page has to begin there, or below. */
  get position(): number {
    const { cursor } = this.options.cursors.state
    return Math.max(this.#openStep()?.position ?? 0, cursor)
  }

  /** Whether pages wait for the rest of their step. */
  get isWaiting(): boolean {
    return this.#openStep() !== null
  }

  /** Resolves when the page is applied, or waits for the rest of its step. */
  async take(page: ReadPage): Promise<void> {
    const { applier, cursors: { state } } = this.options
    const step = this.#openStep() ?? new LevelStep(state.cursor)
    step.add(page)
    this.#isByPage ||= step.isTooLarge
    if (page.hasMore && !this.#isByPage) {
      this.#step = step
      // Counted before the step goes on, because the page may be closed at any moment.
      if (step.pages.length === 1) await applier.note({ cutOffs: (state.cutOffs ?? 0) + 1 })
      return
    }
    this.#step = null
    const parts = this.#isByPage ? step.pages : [step.whole()]
    if (parts.some(({ hasMore }) => hasMore)) await applier.beginPart()
    for (const part of parts) await this.#apply(part)
    if (!page.hasMore) this.#isByPage = false
  }

  async #apply({ changes, upTo, hasMore, epoch, heard }: ReadPage): Promise<void> {
    const { applier, cursors: { state: { cursor } } } = this.options
    await applier.apply(changes, { cursor: { cursor: Math.max(cursor, upTo), ...(epoch === undefined ? {} : { epoch }) }, upTo, heard, isLevel: !hasMore })
  }

  /** The step whose pages wait. Null: there is none, or the cursor has passed it, so others have applied what its pages hold. */
  #openStep(): LevelStep | null {
    if (this.#step && this.options.cursors.state.cursor >= this.#step.position) this.#step = null
    return this.#step
  }
}
