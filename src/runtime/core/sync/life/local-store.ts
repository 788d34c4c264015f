import type { DexieOptions } from 'dexie'
import { ENGINE_FORMAT } from '../../../shared/sync/schema/engine-tables'
import { SyncError } from '../../../shared/sync/protocol/errors'
import { createHybridClock, createNodeId, type HybridClock } from '../../../shared/sync/protocol/hlc'
import type { SyncSchema, SyncTable } from '../../../shared/sync/schema/sync-schema'
import { SyncSchemaError } from '../../../shared/sync/schema/sync-schema-error'
import { isUpgradedRevision } from '../../../shared/sync/protocol/upgraded-stamp'
import type { CapturedOp } from '../records/captured-op'
import { HookBridge } from '../capture/hook-bridge'
import type { ClockState, DeviceState, OutboxOp, OutboxRecord, TableNamesState } from '../records/engine-records'
import { toPendingOp } from '../records/pending-op'
import type { EngineDatabase } from '../records/engine-database'
import { createSyncDatabase } from '../database/sync-database'
import { findRenamed, type TableMove } from '../database/table-names'
import type { UpgradeFailure } from '../database/upgrade-rows'
import type { SyncEnvironment } from '../environment/environment'
import type { RecordName } from '../records/record-name'
import type { SyncHooks } from '../context/sync-hooks'
import type { SyncReason } from '../context/sync-reason'

export interface LocalStoreOptions {
  name: string | Promise<string>
  /** False while nobody is signed in: rows are stored as they are, and no edits are captured. */
  captures: () => boolean
  schema: SyncSchema
  env: SyncEnvironment
  hooks: SyncHooks
  isExcluded: (table: SyncTable, row: Record<string, unknown>) => boolean
  /** Whether this user may write here at this moment. */
  canWrite: () => boolean
  onCommitted: (ops: CapturedOp[]) => void
  /** These records had private rows that are shared again, or gone. */
  onNoLongerPrivate: (records: RecordName[]) => void
  /** A newer engine has changed the database: this one may not write anything to it, not even its own records. */
  onNewerFormat: (error: SyncError) => void
  /** The database was deleted or replaced while it was in use: from now on this is a new device. */
  onReplaced: () => void
  indexedDB?: DexieOptions['indexedDB']
  IDBKeyRange?: DexieOptions['IDBKeyRange']
}

/** After the database was closed from outside, it is opened again after this time, if nobody did so before. */
const REOPEN_MS = 500

/** The Dexie database with capture: it stores every edit, whether or not anything syncs. */
export class LocalStore {
  readonly db: EngineDatabase
  readonly hlc: HybridClock
  #deviceId = ''
  #incarnation = 0
  #newerFormat: number | null = null
  #renamed: TableMove | null = null
  #openError: SyncError | null = null
  #upgradeFailures: readonly UpgradeFailure[] = []

  constructor(private readonly options: LocalStoreOptions) {
    const { env, hooks } = options
    this.hlc = createHybridClock({ now: env.clock.now, node: createNodeId(env.random) })
    this.db = createSyncDatabase({
      ...options,
      upgrade: {
        isExcluded: options.isExcluded, captures: options.captures, canWrite: options.canWrite, now: env.clock.now,
        onFailures: (failures) => { this.#upgradeFailures = failures },
      },
    })
    new HookBridge({
      schema: options.schema,
      hlc: this.hlc,
      env,
      isExcluded: options.isExcluded,
      captures: options.captures,
      writeBlock: () => this.writeBlock(),
      databaseBlock: () => this.#databaseBlock(),
      onCommitted: (ops) => {
        this.#announce(ops)
        options.onCommitted(ops)
      },
      onNoLongerPrivate: options.onNoLongerPrivate,
      onFailed: failure => hooks.doAction('sync.capture:action:failed', failure),
    }).install(this.db)
    // Sticky (`true`): called each time the database opens. Browsers close databases for reasons of their own (Safari in the background), and
    // Dexie opens them again with the next operation.
    this.db.on('ready', db => this.#ready(db as EngineDatabase), true)
  }

  /** The id of this database, not of the browser. Known once the database is open. */
  get deviceId(): string {
    return this.#deviceId
  }

  /** See `EngineContext.incarnation`. */
  get incarnation(): number {
    return this.#incarnation
  }

  /** From now on stamps carry a new HLC node. By it the store can tell what this engine has written since. */
  renewNode(): void {
    this.hlc.renew(createNodeId(this.options.env.random))
  }

  /**
   * Opens the database. @throws SyncError when the browser gives no database, its tables have other keys than the app declares, or the promise
   * of the session has rejected.
   */
  async open(): Promise<void> {
    this.#openError = null
    try { await this.db.open() }
    catch (cause) {
      if (cause instanceof SyncError) throw cause
      if (cause instanceof SyncSchemaError) throw this.#openError = new SyncError('VALIDATION_ERROR', cause.message, { cause })
      throw this.#openError = new SyncError('UNKNOWN', `the browser gives no database: ${(cause as Error).message}`, { cause })
    }
  }

  /**
   * Calls back when the database was closed from outside. Whatever uses it then opens it again, and checks it anew.
   *
   * - Its version was raised: the callback comes at once, because a newer engine may have done so.
   * - It was deleted, or the browser closed it: the callback comes a little later, because the page may be about to sign out.
   *
   * @returns a function that ends this.
   */
  onClosed(callback: () => void): () => void {
    const { db, options: { env: { clock } } } = this
    let timer: unknown
    const callLater = () => {
      if (timer !== undefined) clock.clearTimeout(timer)
      timer = clock.setTimeout(callback, REOPEN_MS)
    }
    const onVersionChange = ({ newVersion }: IDBVersionChangeEvent) => { if (newVersion) void Promise.resolve().then(callback) }
    db.on('versionchange', onVersionChange)
    db.on('close', callLater)
    return () => {
      db.on('versionchange').unsubscribe(onVersionChange)
      db.on('close').unsubscribe(callLater)
      if (timer !== undefined) clock.clearTimeout(timer)
    }
  }

  /** Why the database cannot be used at all. */
  get unusable(): { error: SyncError, reason: SyncReason | null } | null {
    const newer = this.#databaseBlock()
    if (newer) return { error: newer, reason: 'newer-database' }
    // The browser gave a database, and it does not fit the schema: the error says in what.
    return this.#openError && { error: this.#openError, reason: this.#openError.code === 'VALIDATION_ERROR' ? null : 'no-storage' }
  }

  /** Why writing is not allowed at this moment. */
  writeBlock(): SyncError | null {
    return this.#databaseBlock() ?? (this.options.canWrite() ? null : new SyncError('READ_ONLY', 'a viewer of this workspace may read it, not write to it'))
  }

  #databaseBlock(): SyncError | null {
    if (this.#renamed) {
      const { from, to } = this.#renamed
      return new SyncError('NEWER_DATABASE', `this database keeps table "${from}" as "${to}": a newer version of the app has renamed it; reload the page (or raise the schema's version, if it is this version that renames it)`)
    }
    if (this.#newerFormat === null) return null
    return new SyncError('NEWER_DATABASE', `this database was written by a newer version of the app (format ${this.#newerFormat}, this one knows ${ENGINE_FORMAT}); reload the page`)
  }

  async #ready(db: EngineDatabase): Promise<void> {
    // Checked each time the database opens. No other operation begins before this is done.
    this.#newerFormat = null
    this.#renamed = null
    const before = this.#deviceId
    await db.transaction('rw', [db.sync_state, db.pending_ops], async () => {
      const [device, clock, names, newest] = await Promise.all([
        db.sync_state.get('device') as PromiseLike<DeviceState | undefined>,
        db.sync_state.get('hlc') as PromiseLike<ClockState | undefined>,
        db.sync_state.get('table-names') as PromiseLike<TableNamesState | undefined>,
        db.pending_ops.orderBy(':id').reverse().filter(({ ops }) => ops.some(isOfOurClock)).first(),
      ])
      this.#newerFormat = device && device.format > ENGINE_FORMAT ? device.format : null
      this.#deviceId = device?.deviceId ?? this.options.env.uuid()
      this.#renamed = (names && findRenamed(names.names, Object.values(this.options.schema.tables))) ?? null
      if (this.#databaseBlock()) return
      if (!device || device.format < ENGINE_FORMAT) await db.sync_state.put({ id: 'device', deviceId: this.#deviceId, format: ENGINE_FORMAT, createdAt: device?.createdAt ?? this.options.env.clock.now() })
      // HLCs that were issued since the last acknowledgement are only in the outbox.
      if (clock?.hlc) this.hlc.restore(clock.hlc)
      for (const op of (newest as OutboxRecord | undefined)?.ops ?? []) this.hlc.restore(op.hlc)
    })
    const block = this.#databaseBlock()
    this.#reportFailures()
    if (block) this.options.onNewerFormat(block)
    else if (before && before !== this.#deviceId) this.#replaced()
  }

  /** Reports rows that could not be upgraded to today's schema. The listeners run in a timer, because Dexie has not finished opening the database yet. */
  #reportFailures(): void {
    const failures = this.#upgradeFailures
    this.#upgradeFailures = []
    if (!failures.length) return
    const { hooks, env } = this.options
    env.clock.setTimeout(() => {
      for (const message of describeFailures(failures)) {
        hooks.doAction('sync.error:action', { error: new SyncError('VALIDATION_ERROR', message), code: 'VALIDATION_ERROR', permanent: true })
      }
    }, 0)
  }

  #replaced(): void {
    this.#incarnation++
    this.renewNode()
    // In a timer, because Dexie has not finished opening the database yet.
    this.options.env.clock.setTimeout(() => this.options.onReplaced(), 0)
  }

  #announce(ops: readonly CapturedOp[]): void {
    const { hooks } = this.options
    if (!hooks.hasAction('sync.op:action:captured')) return
    for (const { edit, tableName, payload, createdAt, held } of ops) {
      const status = held ? 'held' : 'pending'
      hooks.doAction('sync.op:action:captured', { op: toPendingOp(edit, { tableName, deviceId: this.#deviceId, payload, base: edit.base, createdAt, status }) })
    }
  }
}

/**
 * Whether the edit was stamped by the clock of this database. Rows that an upgrade made, and old revisions that were queued again, do not tell
 * how far it has come.
 */
function isOfOurClock(op: OutboxOp): boolean {
  return !op.requeued && !isUpgradedRevision(op)
}

/** One message for each table. */
function describeFailures(failures: readonly UpgradeFailure[]): string[] {
  return [...new Set(failures.map(({ tableName }) => tableName))].map((tableName) => {
    const { length, 0: first } = failures.filter(failure => failure.tableName === tableName)
    return `${length} ${length === 1 ? 'row' : 'rows'} of table "${tableName}" could not be upgraded, the first is "${first!.pk}": ${first!.error}`
  })
}
