import type { EngineDatabase } from '../../core/sync/records/engine-database'
import type { SyncLogger } from '../../core/sync/environment/environment'
import type { SyncStatus } from '../../core/sync/context/sync-status'
import { WIRE_CODES } from '../../shared/sync/errors/code-entries'
import { plainText } from '../../shared/sync/errors/plain-text'
import { withLink } from '../../shared/sync/errors/start-error'

type Counts = Pick<SyncStatus, 'failedCount' | 'quarantinedCount'>

/** At most this many rows are logged one by one; of the others only the number is. */
const MAX_LINES = 20

const NO_CODE_FIX = '`useSyncQueue().retry()` tries it again, `discard()` gives it up.'

/** Helps whoever develops the app: logs one line for each refused edit and each quarantined row, once, with what to do about it. */
export class RowTroubles {
  readonly #told = new Set<string>()
  #last: Counts & { db?: EngineDatabase } = { failedCount: 0, quarantinedCount: 0 }
  #looking: Promise<void> = Promise.resolve()

  constructor(private readonly log: Pick<SyncLogger, 'info' | 'debug'>) {}

  /** Called when the engine's status changes. Reads the rows only when one of the counts has changed. */
  look(db: EngineDatabase, { failedCount, quarantinedCount }: Counts): void {
    const before = this.#last
    if (db === before.db && failedCount === before.failedCount && quarantinedCount === before.quarantinedCount) return
    this.#last = { db, failedCount, quarantinedCount }
    if (failedCount + quarantinedCount === 0) return
    this.#looking = this.#looking.then(() => this.#tell(db)).catch((error: unknown) => this.log.debug('Rows that are in trouble could not be read', error))
  }

  async #tell(db: EngineDatabase): Promise<void> {
    const [refused, quarantined] = await Promise.all([
      db.pending_ops.where('status').equals('failed').toArray(), db.sync_quarantine.where('reason').equals('schema').toArray(),
    ])
    this.#lines(db, refused.flatMap(({ tableName, ops, failure }) => ops.map(({ pk, opId }): [string, string] => {
      const { code = 'UNKNOWN', message = '' } = failure ?? {}
      return [`refused ${opId}`, withLink(plainText(`An edit of ${tableName} "${pk}" was refused (${code}): ${message}. ${WIRE_CODES[code]?.refused ?? NO_CODE_FIX}`), code)]
    })))
    this.#lines(db, quarantined.map(({ tableName, pk, error, change }) => [
      `quarantined ${tableName} ${pk} ${change.stamp.opId}`,
      withLink(`A row of another device, ${tableName} "${pk}", fails this app's schema and waits in quarantine: ${error}. It is applied once it fits: update the schema here, or fix the row there.`, 'quarantined-row'),
    ]))
  }

  #lines(db: EngineDatabase, lines: [id: string, line: string][]): void {
    const fresh = lines.filter(([id]) => !this.#told.has(`${db.name} ${id}`))
    for (const [id] of fresh) this.#told.add(`${db.name} ${id}`)
    for (const [, line] of fresh.slice(0, MAX_LINES)) this.log.info(line)
    if (fresh.length > MAX_LINES) this.log.info(`… and ${fresh.length - MAX_LINES} more rows like these: see useSyncQueue().failed, and the table sync_quarantine.`)
  }
}
