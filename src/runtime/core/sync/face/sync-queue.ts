import { recordKey } from '../../../shared/sync/protocol/record-key'
import type { SyncOperation, WireErrorCode } from '../../../shared/sync/protocol/types'
import type { PageContext } from '../context/engine-context'
import type { OutboxRecord } from '../records/engine-records'
import { failedRecords } from './failed-records'
import type { RefusedEdits } from './refused-edits'

export interface SyncQueueItem {
  id: string
  tableName: string
  pk: string
  operation: SyncOperation
  attempts: number
  errorCode?: WireErrorCode
  error?: string
  /** Epoch milliseconds. */
  createdAt: number
}

/** One edit of the dead letter with everything needed to bring it back by hand. */
export interface FailedExport extends SyncQueueItem {
  row?: Record<string, unknown>
  remote?: unknown
}

/** Shows an app its outbox, and lets it retry, discard or export refused edits. */
export class SyncQueue {
  constructor(private readonly options: {
    context: Pick<PageContext, 'db'>
    attemptsOf: (key: string, opId: string) => number
    /** Resolves when the code that changes the dead letter is here. Rejects with a SyncError `NETWORK_ERROR` if it could not be loaded. */
    refused: () => Promise<RefusedEdits>
  }) {}

  /** Both lists, oldest first, read at once. */
  async all(): Promise<{ pending: SyncQueueItem[], failed: SyncQueueItem[] }> {
    const records = await this.options.context.db.pending_ops.toArray()
    const itemsOf = (failed: boolean) => records.filter(({ status }) => (status === 'failed') === failed).flatMap(record => this.#items(record))
    return { pending: itemsOf(false), failed: itemsOf(true) }
  }

  async pending(): Promise<SyncQueueItem[]> {
    return (await this.options.context.db.pending_ops.where('status').anyOf('pending', 'held').sortBy('id')).flatMap(record => this.#items(record))
  }

  async failed(): Promise<SyncQueueItem[]> {
    return (await failedRecords(this.options.context.db)).flatMap(record => this.#items(record))
  }

  /**
   * Tries a refused edit again, or all of them. Its revision rises above what has arrived since. An edit that was refused for its age becomes an
   * edit of now. A revision that was queued again for a restored store gives way instead: what has arrived may have been made upon it, by
   * somebody who may write.
   *
   * @throws SyncError `NOT_FOUND` when no refused edit has this id.
   */
  async retry(id?: string): Promise<void> {
    await (await this.options.refused()).retry(id)
  }

  /** The server has told its schema's version. If it has changed, edits that were refused as invalid are tried once more. */
  async serverSchemaIs(version: number): Promise<void> {
    await (await this.options.refused()).serverSchemaIs(version)
  }

  /**
   * Gives up a refused edit. The newest remote version takes its place, or the row goes. An edit that was made since stays, and meets that
   * version.
   *
   * @throws SyncError `NOT_FOUND` when no refused edit has this id, or the app no longer has the table.
   */
  async discard(id: string): Promise<void> {
    await (await this.options.refused()).discard(id)
  }

  async exportFailed(): Promise<FailedExport[]> {
    return (await failedRecords(this.options.context.db)).map(record => ({ ...this.#items(record)[0]!, row: record.failure?.row, remote: record.failure?.remote }))
  }

  #items(record: OutboxRecord): SyncQueueItem[] {
    return record.ops.map(op => ({
      id: op.opId,
      tableName: record.tableName,
      pk: op.pk,
      operation: op.op,
      attempts: record.failure?.attempts ?? this.options.attemptsOf(recordKey(record.tableName, op.pk), op.opId),
      ...reasonOf(record.failure ?? op.aside),
      createdAt: record.createdAt,
    }))
  }
}

/** Why it was refused, or waits aside. */
function reasonOf(reason: { code: WireErrorCode, message: string } | undefined): Pick<SyncQueueItem, 'errorCode' | 'error'> {
  return reason ? { errorCode: reason.code, error: reason.message } : {}
}
