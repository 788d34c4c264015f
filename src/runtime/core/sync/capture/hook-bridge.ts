import type { DBCore, DBCoreMutateRequest, DBCoreMutateResponse, DBCoreTable, DBCoreTransaction } from 'dexie'
import type { SyncError } from '../../../shared/sync/errors'
import { toSyncError } from '../../../shared/sync/errors'
import { ENGINE_TABLES } from '../../../shared/sync/engine-tables'
import type { SyncSchema, SyncTable } from '../../../shared/sync/sync-schema'
import { isApplying } from '../database/apply-transaction'
import type { EngineDatabase } from '../database/sync-database'
import type { CaptureContext, CaptureOptions } from './capture-context'
import type { CapturedOp } from './captured-op'
import { captureDelete, captureDeleteRange } from './capture-delete'
import { capturePut } from './capture-put'

export interface HookBridgeOptions extends CaptureOptions {
  schema: SyncSchema
  /** Whether edits are captured at all. Fixed once the database is open. */
  captures: () => boolean
  /** Why writing is not allowed at this moment, or null. */
  writeBlock: () => SyncError | null
  /** Why nobody, not even the engine, may write to this database, or null. */
  databaseBlock: () => SyncError | null
  /** The transaction has committed: its rows and their outbox entries are stored. */
  onCommitted: (ops: CapturedOp[]) => void
  /** The transaction has committed: rows that only this device had are shared again, or gone. */
  onPublished: () => void
  onFailed: (failure: { tableName: string, pk: string | null, error: Error }) => void
}

/** Dexie's own level for add-ons that track changes: inside hooks, outside observability and cache. */
const LEVEL = 1
const MIDDLEWARE_NAME = 'or3-sync'
const WIDENED = [ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones]

/**
 * Captures writes: a DBCore middleware that stamps rows and writes their outbox entries in the write's own transaction.
 *
 * Invariant: a row and its outbox entry commit together or not at all, whatever tables the app's transaction named.
 */
export class HookBridge {
  /** Ops of transactions that have not committed yet. */
  readonly #open = new WeakMap<object, CapturedOp[]>()
  readonly #publishing = new WeakSet<object>()

  constructor(private readonly options: HookBridgeOptions) {}

  /** Must be called before the database opens. */
  install(db: EngineDatabase): void {
    db.use({ stack: 'dbcore', name: MIDDLEWARE_NAME, level: LEVEL, create: core => this.#wrap(core) })
  }

  #wrap(core: DBCore): DBCore {
    const { schema } = this.options
    return {
      ...core,
      transaction: (stores, mode, options) => {
        const block = mode === 'readwrite' ? this.options.databaseBlock() : null
        if (block) throw block
        if (mode !== 'readwrite' || !stores.some(store => Object.hasOwn(schema.tables, store))) return core.transaction(stores, mode, options)
        const trans = core.transaction([...new Set([...stores, ...WIDENED])], mode, options)
        ;(trans as unknown as EventTarget).addEventListener('complete', () => this.#committed(trans))
        return trans
      },
      table: (name) => {
        const down = core.table(name)
        const table = Object.hasOwn(schema.tables, name) ? schema.tables[name] : undefined
        if (!table) return down
        return { ...down, mutate: request => this.#mutate(core, table, down, request) }
      },
    }
  }

  #mutate(core: DBCore, table: SyncTable, down: DBCoreTable, request: DBCoreMutateRequest): Promise<DBCoreMutateResponse> {
    const { trans } = request
    // An upgrade of the app's schema is not an edit; neither is what the engine applies.
    if ((trans as unknown as IDBTransaction).mode === 'versionchange' || isApplying(trans) || !this.options.captures()) return down.mutate(request)
    const context: CaptureContext = {
      table,
      down,
      trans,
      outbox: core.table(ENGINE_TABLES.pendingOps),
      tombstones: core.table(ENGINE_TABLES.tombstones),
      options: this.options,
      captured: ops => this.#remember(trans, ops),
      published: () => { this.#publishing.add(trans) },
    }
    const failed = (error: Error) => {
      this.options.onFailed({ tableName: table.name, pk: pkOf(table, request), error })
      return Promise.reject(error)
    }
    try {
      const block = this.options.writeBlock()
      if (block) throw block
      // What the store itself refuses (a full disk, a key that exists) keeps its own error.
      return capture(context, request).then(undefined, failed)
    }
    catch (thrown) {
      return failed(toSyncError(thrown))
    }
  }

  #remember(trans: DBCoreTransaction, ops: CapturedOp[]): void {
    const known = this.#open.get(trans)
    if (known) known.push(...ops)
    else this.#open.set(trans, [...ops])
  }

  #committed(trans: DBCoreTransaction): void {
    const ops = this.#open.get(trans)
    this.#open.delete(trans)
    if (ops?.length) this.options.onCommitted(ops)
    if (this.#publishing.delete(trans)) this.options.onPublished()
  }
}

function capture(context: CaptureContext, request: DBCoreMutateRequest): Promise<DBCoreMutateResponse> {
  switch (request.type) {
    case 'add':
    case 'put': return capturePut(context, request)
    case 'delete': return captureDelete(context, request)
    case 'deleteRange': return captureDeleteRange(context, request)
  }
}

function pkOf(table: SyncTable, request: DBCoreMutateRequest): string | null {
  const value: unknown = request.type === 'add' || request.type === 'put'
    ? (request.values[0] as Record<string, unknown> | undefined)?.[table.primaryKey]
    : request.type === 'delete' ? request.keys[0] : null
  return typeof value === 'string' ? value : null
}
