import type { RowState } from '../../core/sync/face/row-state'
import type { RecordName } from '../../core/sync/records/record-name'
import { recordKey } from '../../shared/sync/protocol/record-key'
import type { AppEngine } from '../../app/app-types'

const LOCAL: RowState = { name: 'local', error: null }
const UNKNOWN: RowState = { name: 'absent', error: null }

/** Follows the states of the records that are shown, and of no others. */
export class FollowedStates {
  /** For each list that is shown, its records. */
  readonly #lists = new Map<string, Map<string, { get: () => RowState, stop: () => void }>>()
  #engine: AppEngine | null = null

  constructor(private readonly options: { engine: () => AppEngine | null, onChange: () => void }) {}

  /**
   * The states of these records, by `recordKey`. A record that is new to the list is `absent` until it was read; then `onChange` is called.
   * Records that are no longer in the list are not followed any more.
   */
  of(list: string, names: readonly RecordName[]): Map<string, RowState> {
    const engine = this.options.engine()
    if (engine !== this.#engine) this.stop()
    this.#engine = engine
    if (!engine) return new Map(names.map(([table, pk]) => [recordKey(table, pk), LOCAL]))
    const before = this.#lists.get(list) ?? new Map<string, { get: () => RowState, stop: () => void }>()
    const now: typeof before = new Map()
    for (const [table, pk] of names) {
      const key = recordKey(table, pk)
      now.set(key, now.get(key) ?? before.get(key) ?? this.#follow(engine, table, pk))
      before.delete(key)
    }
    for (const { stop } of before.values()) stop()
    this.#lists.set(list, now)
    return new Map(Array.from(now, ([key, { get }]) => [key, get() ?? UNKNOWN]))
  }

  stop(): void {
    for (const list of this.#lists.values()) for (const { stop } of list.values()) stop()
    this.#lists.clear()
  }

  #follow(engine: AppEngine, table: string, pk: string) {
    const state = engine.rowState(table, pk)
    return { get: state.get, stop: state.subscribe(this.options.onChange) }
  }
}
