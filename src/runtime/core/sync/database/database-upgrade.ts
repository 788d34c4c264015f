import type { Transaction } from 'dexie'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { keepDroppedTables } from './keep-dropped-tables'
import { renameTables } from './rename-tables'
import { readRowRevisions, type RowRevisions } from '../rows/row-revisions'
import { upgradeTableRows, type UpgradeFailure, type UpgradeOptions } from './upgrade-rows'

/**
 * Brings a database to a later version of the app's schema, in one version change transaction: tables and fields that were renamed get
 * their new names, the app's steps run in order, and each row is brought into today's shape.
 */
export class DatabaseUpgrade {
  /** Transactions that have begun, with the revisions of before the first step; null: no step has run. */
  readonly #begun = new WeakMap<IDBTransaction, { before: RowRevisions | null }>()

  constructor(private readonly tables: readonly SyncTable[], private readonly options: UpgradeOptions & {
    /** Rows that could not be upgraded. The transaction has not committed yet. */
    onFailures: (failures: UpgradeFailure[]) => void
  }) {}

  async step(tx: Transaction, upgrade: (tx: unknown) => unknown): Promise<void> {
    const begun = await this.#begin(tx)
    begun.before ??= await readRowRevisions(tx, this.tables)
    await upgrade(tx)
  }

  /** After the last step. */
  async finish(tx: Transaction): Promise<void> {
    const { before } = await this.#begin(tx)
    const failures: UpgradeFailure[] = []
    for (const table of this.tables) failures.push(...await upgradeTableRows(tx, table, before, this.options))
    this.options.onFailures(failures)
  }

  async #begin(tx: Transaction): Promise<{ before: RowRevisions | null }> {
    let begun = this.#begun.get(tx.idbtrans)
    if (begun) return begun
    this.#begun.set(tx.idbtrans, begun = { before: null })
    // Renaming takes stores away, keeping them does not let it.
    await renameTables(tx, this.tables)
    keepDroppedTables(tx)
    return begun
  }
}
