import Dexie from 'dexie'
import { compareRevisions } from '../../../shared/sync/protocol/revision'
import { answerPlan } from '../../../shared/sync/query/answer-plan'
import type { PageAnswer } from '../../../shared/sync/query/page-reader'
import type { QueryPlan } from '../../../shared/sync/query/query-plan'
import { KV_TABLE } from '../../../shared/sync/schema/kv-blocklist'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { CursorState, TombstoneRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import type { SyncHooks } from '../context/sync-hooks'
import { isOnlyHere } from '../context/exclusion'
import { storedRows, type StoredRow } from '../records/stored-rows'
import { runPlan } from './run-plan'

export interface PageRowsOptions {
  db: EngineDatabase
  plan: QueryPlan
  /** The plan's table. */
  table: SyncTable
  /** What the server answered to the plan when it rendered the page. */
  answer: PageAnswer
  hooks: Pick<SyncHooks, 'addAction'>
  /** The version that this device has reached, as the page's status has it. It may be ahead of the stored one. */
  cursor: () => number
}

/** What this device has of a record that may be shown. */
interface LocalRecord {
  row: StoredRow | undefined
  tombstone: TombstoneRecord | undefined
  /** It has an edit that the store may not have had when the page was rendered, or its row stays on this device. */
  isOwn: boolean
}

/**
 * What a page shows of a query that the server has answered already. Until this device has reached the version that the server read at, that is
 * the server's rows with this device's own edits on top. Then it is what the local database has, for good.
 */
export class PageRows {
  /** Keys of records that were edited here since the page was loaded, or whose edits were unsent then. Once acknowledged, an edit has left the outbox. */
  readonly #edited = new Set<string>()
  readonly #stopListening: () => void
  #isReached = false

  constructor(private readonly options: PageRowsOptions) {
    this.#stopListening = options.hooks.addAction('sync.op:action:captured', ({ op }) => {
      if (op.tableName === options.plan.table) this.#edited.add(op.pk)
    })
  }

  /** From now on the local database alone is shown. */
  reach(): void {
    this.#isReached = true
    this.close()
  }

  get isReached(): boolean {
    return this.#isReached
  }

  close(): void {
    this.#stopListening()
  }

  /** What is to be shown now. In a `liveQuery`, it runs again when that may have changed. A `count` is the server's, until the version is reached. */
  async read(): Promise<unknown> {
    const { db, plan } = this.options
    if (this.#isReached) return await runPlan(db, plan)
    // One transaction: rows, outbox and cursor belong together.
    return await db.transaction('r', [plan.table, db.pending_ops, db.tombstones, db.sync_state], async () => {
      if (this.#hasReached(await db.sync_state.get('cursor') as CursorState | undefined)) {
        this.reach()
        return await runPlan(db, plan)
      }
      return plan.result === 'count' ? this.options.answer.value : await this.#readOver()
    })
  }

  /**
   * For a query of one row: stores the server's row, if that is what is shown. So an edit of it is made upon what the user sees, and not upon an older
   * row or none. Must run in the edit's own read-write transaction, over the plan's table, outbox and tombstones. The row must be edited in it: it is
   * ahead of the cursor.
   *
   * `changes`: fields of the edit; a name may be a path such as `meta.kind`, as in Dexie's `update`.
   *
   * @returns the row with these changes; undefined when this device's own is shown, or none
   */
  async takeRow(changes: Record<string, unknown>): Promise<StoredRow | undefined> {
    const { db, plan, table: { primaryKey }, answer: { value } } = this.options
    const server = value as StoredRow | undefined
    if (this.#isReached || !server) return undefined
    const key = server[primaryKey] as string
    await this.#noteUnsent()
    const record = (await this.#localRecords([key])).get(key)!
    // Equal: it is this very row.
    if (standsFor(record, server) || record.row?.op_id === server.op_id) return undefined
    await storedRows(db, plan.table).put(server)
    const changed = Dexie.deepClone(server)
    for (const [path, field] of Object.entries(changes)) Dexie.setByKeyPath(changed, path, field)
    return changed
  }

  #hasReached(stored: CursorState | undefined): boolean {
    const { answer: { version, epoch }, plan, cursor } = this.options
    // The app has added the table since: it is fetched in full first, whatever the cursor is.
    if (stored && !stored.tables.includes(plan.table)) return false
    // After a restore of the store versions begin anew: those of another epoch say nothing.
    return (stored?.epoch === undefined || stored.epoch === epoch) && Math.max(stored?.cursor ?? 0, cursor()) >= version
  }

  async #readOver(): Promise<unknown> {
    const { plan, table: { primaryKey }, answer: { value } } = this.options
    const fromServer = plan.result === 'rows' ? value as StoredRow[] : value ? [value as StoredRow] : []
    await this.#noteUnsent()
    const shown = [...fromServer, ...await this.#privateRows()]
    const keys = [...new Set([...shown.map(row => row[primaryKey] as string), ...this.#edited])]
    return answerOver({ plan, primaryKey, fromServer, local: await this.#localRecords(keys) })
  }

  async #noteUnsent(): Promise<void> {
    const { db, plan } = this.options
    const waiting = await db.pending_ops.filter(({ tableName }) => tableName === plan.table).toArray()
    for (const { ops } of waiting) for (const { pk } of ops) this.#edited.add(pk)
  }

  /** By primary key. */
  async #localRecords(keys: readonly string[]): Promise<Map<string, LocalRecord>> {
    const { db, plan } = this.options
    const rows = await db.table<StoredRow, string>(plan.table).bulkGet([...keys])
    const tombstones = await db.tombstones.bulkGet(keys.map(key => [plan.table, key] as [string, string]))
    return new Map(keys.map((key, at): [string, LocalRecord] => {
      const row = rows[at]
      return [key, { row, tombstone: tombstones[at], isOwn: this.#edited.has(key) || (row !== undefined && isOnlyHere(row)) }]
    }))
  }

  /** Rows that stay on this device. Without a limit, because other rows here may stand before them that the server has no longer. */
  async #privateRows(): Promise<StoredRow[]> {
    const { db, plan, table } = this.options
    if (!table.exclude && table.name !== KV_TABLE) return []
    return (await runPlan(db, { ...plan, offset: 0, limit: null, result: 'rows' }) as StoredRow[]).filter(isOnlyHere)
  }
}

/** The server's answer with this device's own edits on top. `local`, by primary key: all of the server's rows, and all own ones. */
function answerOver({ plan, primaryKey, fromServer, local }: {
  plan: QueryPlan
  primaryKey: string
  fromServer: readonly StoredRow[]
  local: ReadonlyMap<string, LocalRecord>
}): unknown {
  const server = new Map(fromServer.map(row => [row[primaryKey] as string, row]))
  const shown = new Map(server)
  for (const [key, record] of local) {
    if (!standsFor(record, server.get(key))) continue
    if (record.row) shown.set(key, record.row)
    else shown.delete(key)
  }
  const all = answerPlan({ ...plan, offset: 0, limit: null, result: 'rows' }, shown.values(), primaryKey) as StoredRow[]
  // The server has left out the rows before `offset`. Own rows that stand before those that it sent are left out, too.
  const from = plan.offset ? all.findIndex(row => server.has(row[primaryKey] as string)) : 0
  const found = from < 0 ? [] : all.slice(from, plan.limit === null ? undefined : from + plan.limit)
  return plan.result === 'rows' ? found : found[0]
}

/** Whether what this device has of a record stands for the server's row: it is this device's own, or newer. */
function standsFor({ row, tombstone, isOwn }: LocalRecord, server: StoredRow | undefined): boolean {
  if (isOwn) return true
  if (!server) return false
  if (row) return isNewer(row, server)
  return tombstone !== undefined && !tombstone.isGivenUp && isNewer(tombstone, server)
}

type Columns = Pick<StoredRow, 'clock' | 'hlc' | 'op_id'>

function isNewer(a: Columns, b: Columns): boolean {
  return compareRevisions(revisionOf(a), revisionOf(b)) > 0
}

function revisionOf({ clock = 0, hlc = '', op_id = '' }: Columns) {
  return { clock, hlc, opId: op_id }
}
