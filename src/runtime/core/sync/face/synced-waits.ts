import { SyncError } from '../../../shared/sync/protocol/errors'
import { LEADER_CHECK_MS } from '../../../shared/sync/protocol/limits'
import type { EngineContext } from '../context/engine-context'
import { followEdits, type FollowedEdit } from './follow-edits'
import type { RecordFacts, RecordWatch } from './record-watch'
import { refusalOf } from './decide-row-state'

/** Lets callers wait until the store has the edits of a record. */
export class SyncedWaits {
  /** Ends each wait with an error. */
  readonly #open = new Set<(error: SyncError) => void>()

  constructor(private readonly options: {
    context: Pick<EngineContext, 'schema' | 'env' | 'incarnation'>
    watch: RecordWatch
    isRunning: () => boolean
  }) {}

  /**
   * Resolves when the edits of the record that wait now are stored or beaten; at once when none waits. Edits that are made later do not delay it,
   * unless they are sent in the place of those.
   *
   * @throws SyncError when an edit is or was refused (with the code of the refusal), `HELD` when `capture` keeps it back, `STOPPED` when sync is not
   * running or stops, `DATABASE_REPLACED`, `NOT_FOUND` for a table that the app does not declare. Must not be called inside a transaction.
   */
  async whenSynced(tableName: string, pk: string): Promise<void> {
    const { context: { schema, env: { clock }, incarnation }, watch } = this.options
    const tables = Object.keys(schema.tables)
    if (!tables.includes(tableName)) throw new SyncError('NOT_FOUND', `the app has no table "${tableName}"; its tables are: ${tables.join(', ')}`)
    const began = incarnation()
    let before: FollowedEdit | null = null
    let timer: unknown
    let end = () => {}
    await new Promise<void>((resolve, reject) => {
      const unwatch = watch.watch([tableName, pk], (facts) => {
        try {
          before = this.#judge(before, facts, { tableName, pk, began })
          if (!before) resolve()
        }
        catch (error) { reject(error as SyncError) }
      })
      // Another tab may have stored the answer without this one hearing of it: a browser need not have a channel between tabs.
      const lookAgain = () => {
        watch.look()
        timer = clock.setTimeout(lookAgain, LEADER_CHECK_MS)
      }
      timer = clock.setTimeout(lookAgain, LEADER_CHECK_MS)
      this.#open.add(reject)
      end = () => {
        unwatch()
        clock.clearTimeout(timer)
        this.#open.delete(reject)
      }
    }).finally(() => end())
  }

  /** Rejects all that wait: sync was stopped, or the database is gone. */
  end(error: SyncError): void {
    for (const reject of [...this.#open]) reject(error)
  }

  /** @returns the edit that still waits; null: all are stored or beaten. @throws SyncError when they will not be. */
  #judge(before: FollowedEdit | null, { edits, incarnation }: RecordFacts, { tableName, pk, began }: { tableName: string, pk: string, began: number }): FollowedEdit | null {
    if (incarnation !== began) throw new SyncError('DATABASE_REPLACED', 'the database with this edit was deleted or replaced')
    const followed = followEdits(before, edits)
    switch (followed.kind) {
      case 'settled': return null
      case 'refused': throw refusalOf(followed.edit.record.failure)
      case 'held': throw new SyncError('HELD', `capture keeps back the edit of ${tableName} "${pk}": it is not sent before capture lets it go`)
      case 'waits':
        if (!this.options.isRunning()) throw new SyncError('STOPPED', `an edit of ${tableName} "${pk}" waits, and sync is not running`)
        return followed.edit
    }
  }
}
