import type { Transaction } from 'dexie'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { keepDroppedTables } from './keep-dropped-tables'
import { renameTables } from './rename-tables'
import { readRowRevisions, type RowRevisions } from '../rows/row-revisions'
import { upgradeTableRows, type UpgradeFailure, type UpgradeOptions } from './upgrade-rows'

/**
 * Upgrades a database to a later version of the app's schema, all in Dexie's version change transaction. First renamed tables and fields get their
 * new names, then the app's steps run in order (`step`), then each row is brought into today's shape (`finish`).
 */
export class DatabaseUpgrade {
  /** For each upgrade that has begun the revisions of all rows before the first step; null: no step has run yet. */
  readonly #begun = new WeakMap<IDBTransaction, { before: RowRevisions | null }>()

  constructor(private readonly tables: readonly SyncTable[], private readonly options: UpgradeOptions & {
    /** Takes the rows that could not be upgraded. The transaction has not committed yet. */
    onFailures: (failures: UpgradeFailure[]) => void
  }) {}

  /** Runs one step of the app. */
  async step(tx: Transaction, upgrade: (tx: unknown) => unknown): Promise<void> {
    const begun = await this.#begin(tx)
    begun.before ??= await readRowRevisions(tx, this.tables)
    await upgrade(tx)
  }

  /** Must be called after the last step, also if there is none. */
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
    // In this order: renaming has to delete object stores, and keepDroppedTables prevents that.
    await renameTables(tx, this.tables)
    keepDroppedTables(tx)
    return begun
  }
}
