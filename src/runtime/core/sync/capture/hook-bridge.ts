import type { DBCore, DBCoreMutateRequest, DBCoreMutateResponse, DBCoreTable, DBCoreTransaction } from 'dexie'
import { SyncError, toSyncError } from '../../../shared/sync/protocol/errors'
import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import type { SyncSchema, SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { EngineDatabase } from '../records/engine-database'
import type { RecordName } from '../records/record-name'
import type { CaptureContext, CaptureOptions } from './capture-context'
import { CAPTURE_LEVEL } from '../records/capture-level'
import type { CapturedOp } from '../records/captured-op'
import { captureDelete, captureDeleteRange } from './capture-delete'
import { capturePut } from './capture-put'
import { FailedWrites, type FailedWrite, type WriteCall } from './failed-writes'
import { writePlain } from './write-plain'

export interface HookBridgeOptions extends CaptureOptions {
  schema: SyncSchema
  /** False while nobody is signed in: then nothing is captured. Does not change once the database is open. */
  captures: () => boolean
  /** Why the app may not write to synced tables at this moment; null: it may. */
  writeBlock: () => SyncError | null
  /** Why nobody, not even the engine, may write to this database; null: they may. */
  databaseBlock: () => SyncError | null
  /** A transaction has committed: its rows and their outbox entries are stored. */
  onCommitted: (ops: CapturedOp[]) => void
  /** A transaction has committed that shares private rows again, or deletes them. See `CaptureContext.noLongerPrivate`. */
  onNoLongerPrivate: (records: RecordName[]) => void
  /** A transaction is over, and a write of it was rejected. */
  onFailed: (failure: FailedWrite) => void
}

const MIDDLEWARE_NAME = 'or3-sync'
/** Added to each read-write transaction over an app table, whatever tables the app named: capture writes to them. */
const ADDED_STORES = [ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones]

/**
 * Captures the app's writes. It is a Dexie middleware (DBCore): for each write to a synced table it gives the rows a revision and writes their outbox
 * entries, in the app's own transaction.
 *
 * Invariant: a row and its outbox entry commit together or not at all.
 */
export class HookBridge {
  /** The ops of each transaction that has not committed yet. */
  readonly #uncommitted = new WeakMap<object, CapturedOp[]>()
  /** The private rows that each such transaction shares again, or deletes. */
  readonly #noLongerPrivate = new WeakMap<object, RecordName[]>()
  /** The name of each such transaction's group: the HLC of its first edit. */
  readonly #groups = new WeakMap<object, string>()
  readonly #failed: FailedWrites

  constructor(private readonly options: HookBridgeOptions) {
    this.#failed = new FailedWrites(options.onFailed)
  }

  /** Must be called before the database opens. */
  install(db: EngineDatabase): void {
    db.use({ stack: 'dbcore', name: MIDDLEWARE_NAME, level: CAPTURE_LEVEL, create: core => this.#wrap(core) })
  }

  #wrap(core: DBCore): DBCore {
    const { schema } = this.options
    return {
      ...core,
      transaction: (stores, mode, options) => {
        const block = mode === 'readwrite' ? this.options.databaseBlock() : null
        if (block) throw this.#blocked(stores, block)
        if (mode !== 'readwrite' || !stores.some(store => Object.hasOwn(schema.tables, store))) return core.transaction(stores, mode, options)
        const trans = core.transaction([...new Set([...stores, ...ADDED_STORES])], mode, options)
        this.#watch(trans as unknown as IDBTransaction)
        return trans
      },
      table: (name) => {
        const down = core.table(name)
        const table = Object.hasOwn(schema.tables, name) ? schema.tables[name] : undefined
        if (!table) return down
        const engine = {
          outbox: rejectOnFailure(core.table(ENGINE_TABLES.pendingOps)),
          tombstones: rejectOnFailure(core.table(ENGINE_TABLES.tombstones)),
        }
        return { ...down, mutate: request => this.#mutate(table, down, engine, request) }
      },
    }
  }

  #mutate(table: SyncTable, down: DBCoreTable, engine: Pick<CaptureContext, 'outbox' | 'tombstones'>, request: DBCoreMutateRequest): Promise<DBCoreMutateResponse> {
    const { trans } = request
    // An upgrade of the app's schema is not an edit. The engine's own writes do not come here at all (`stored-rows.ts`).
    if ((trans as unknown as IDBTransaction).mode === 'versionchange') return down.mutate(request)
    if (!this.options.captures()) return writePlain(table, down, request)
    const call = this.#failed.begin(trans, table.name, pkOf(table, request))
    const failed = (error: Error): Promise<never> => {
      this.#failed.note(trans, call, error)
      return Promise.reject(error)
    }
    try {
      const block = this.options.writeBlock()
      if (block) throw block
      return capture(this.#context(table, down, engine, request, call), request).then(
        response => this.#written(table, request, call, response),
        (error: Error) => {
          // A SyncError is a refusal, before anything was written. After any other error rows may be written without their outbox entries.
          if (!(error instanceof SyncError)) abort(trans)
          return failed(error)
        },
      )
    }
    catch (thrown) {
      return failed(toSyncError(thrown))
    }
  }

  #context(table: SyncTable, down: DBCoreTable, engine: Pick<CaptureContext, 'outbox' | 'tombstones'>, { trans }: DBCoreMutateRequest, call: WriteCall): CaptureContext {
    return {
      ...engine, table, down, trans,
      options: this.options,
      groupOf: hlc => this.#groupOf(trans, hlc),
      captured: ops => this.#remember(trans, ops),
      noLongerPrivate: pks => this.#noteNoLongerPrivate(trans, table.name, pks),
      noteRefused: (row) => { call.pk = keyOf(table, row) },
    }
  }

  /** The call is written, except for rows that IndexedDB has refused (such as an `add` whose key exists). Those have no outbox entry. */
  #written(table: SyncTable, request: DBCoreMutateRequest, call: WriteCall, response: DBCoreMutateResponse): DBCoreMutateResponse | Promise<DBCoreMutateResponse> {
    if (!response.numFailures) return response
    const isPut = request.type === 'add' || request.type === 'put'
    for (const [index, error] of Object.entries(response.failures)) {
      this.#failed.note(request.trans, call, error, isPut ? keyOf(table, request.values[Number(index)]) : call.pk)
    }
    if (isPut) return response
    // The delete of a row has failed, and its tombstone is written: the transaction must not commit.
    abort(request.trans)
    return Promise.reject(Object.values(response.failures)[0] as Error)
  }

  #groupOf(trans: DBCoreTransaction, hlc: string): string {
    const known = this.#groups.get(trans) ?? hlc
    this.#groups.set(trans, known)
    return known
  }

  #remember(trans: DBCoreTransaction, ops: CapturedOp[]): void {
    const known = this.#uncommitted.get(trans)
    if (known) known.push(...ops)
    else this.#uncommitted.set(trans, [...ops])
  }

  #noteNoLongerPrivate(trans: DBCoreTransaction, tableName: string, pks: readonly string[]): void {
    const known = this.#noLongerPrivate.get(trans) ?? []
    this.#noLongerPrivate.set(trans, known)
    for (const pk of pks) known.push([tableName, pk])
  }

  #watch(trans: IDBTransaction): void {
    trans.addEventListener('complete', () => {
      this.#committed(trans as unknown as DBCoreTransaction)
      this.#failed.over(trans, null)
    })
    trans.addEventListener('abort', () => this.#failed.over(trans, trans.error))
  }

  /** No transaction begins, so `FailedWrites` never hears of this write. A transaction over one table is reported here. */
  #blocked(stores: readonly string[], block: SyncError): SyncError {
    const [tableName, ...others] = stores
    if (tableName && !others.length && Object.hasOwn(this.options.schema.tables, tableName)) this.options.onFailed({ tableName, pk: null, error: block })
    return block
  }

  #committed(trans: DBCoreTransaction): void {
    const ops = this.#uncommitted.get(trans)
    this.#uncommitted.delete(trans)
    if (ops?.length) this.options.onCommitted(ops)
    const noLongerPrivate = this.#noLongerPrivate.get(trans)
    this.#noLongerPrivate.delete(trans)
    if (noLongerPrivate) this.options.onNoLongerPrivate(noLongerPrivate)
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

/** A table of the engine whose writes reject if any record cannot be written. DBCore only lists such records in its response. */
function rejectOnFailure(table: DBCoreTable): DBCoreTable {
  return {
    ...table,
    mutate: request => table.mutate(request).then((response) => {
      if (response.numFailures) throw Object.values(response.failures)[0] as Error
      return response
    }),
  }
}

/** Undoes the whole transaction. If the app caught the error, it would commit a row without its outbox entry otherwise. */
function abort(trans: DBCoreTransaction): void {
  try { trans.abort() }
  catch { /* it is over already */ }
}

function pkOf(table: SyncTable, request: DBCoreMutateRequest): string | null {
  if (request.type === 'add' || request.type === 'put') return keyOf(table, request.values[0])
  return request.type === 'delete' && typeof request.keys[0] === 'string' ? request.keys[0] : null
}

function keyOf(table: SyncTable, row: unknown): string | null {
  const key = (row as Record<string, unknown> | null | undefined)?.[table.primaryKey]
  return typeof key === 'string' ? key : null
}
