import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { BackendUnavailableError } from '../../errors/backend-unavailable-error'
import { describeSqliteError } from './describe-sqlite-error'
import { isLock } from './is-lock'
import type { StoreFiles } from './store-files'

/** Milliseconds between one try and the next, as SQLite itself waits. The last one repeats. */
const DELAYS = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100]

/** The one connection of this process to the store's file. What another process has locked is waited for, and nobody is held up meanwhile. */
export class SqliteConnection {
  #closed = false

  /** `patienceMs`: how long a lock is waited for. `files`: absent in memory. */
  constructor(readonly db: DatabaseSync, private readonly patienceMs: number, private readonly files?: StoreFiles) {}

  /**
   * Does `work` in one transaction. It never awaits inside: this connection has one transaction at a time. It may be done again from the start, so
   * it must change nothing but the store.
   *
   * @throws BackendUnavailableError for whatever SQLite complains of: locked for too long, full, unreadable, its file gone
   */
  transaction<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T): Promise<T> {
    return this.patiently(() => this.#try(begin, work))
  }

  /** Does `work` without a transaction: one statement that reads. @throws BackendUnavailableError */
  read<T>(work: () => T): Promise<T> {
    return this.patiently(() => {
      this.files?.check()
      return work()
    })
  }

  /** The same, but at once or not at all. */
  readNow<T>(work: () => T): T {
    try { return work() }
    catch (error) { throw this.#explain(error) }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.db.close()
  }

  /** Tries until `done` says so of a result, or the patience is over. @returns the last result */
  async patiently<T>(attempt: () => T, done: (result: T) => boolean = () => true): Promise<T> {
    const deadline = performance.now() + this.patienceMs
    for (let tries = 0; ; tries++) {
      const outcome = this.#outcomeOf(attempt)
      const isLast = performance.now() >= deadline
      if ('result' in outcome && (isLast || done(outcome.result))) return outcome.result
      if ('error' in outcome && (isLast || !isLock(outcome.error))) throw this.#explain(outcome.error)
      await wait(DELAYS[Math.min(tries, DELAYS.length - 1)])
    }
  }

  #outcomeOf<T>(attempt: () => T): { result: T } | { error: unknown } {
    try { return { result: attempt() } }
    catch (error) { return { error } }
  }

  #try<T>(begin: string, work: () => T): T {
    this.files?.check()
    this.db.exec(begin)
    try {
      const result = work()
      this.db.exec('COMMIT')
      // Only what stands where the next start finds it may be acknowledged.
      if (begin === 'BEGIN IMMEDIATE') this.files?.check()
      return result
    }
    catch (error) {
      this.#rollBack()
      throw error
    }
  }

  #rollBack(): void {
    try { this.db.exec('ROLLBACK') }
    // Some errors (a full disk) make SQLite roll back by itself, and then there is nothing left to roll back.
    catch { /* the first error is the one to report */ }
  }

  /** Whatever SQLite itself complains of is the store being away. Anything else is a fault of ours. */
  #explain(error: unknown): unknown {
    const code = (error as { code?: unknown } | null)?.code
    if (code !== 'ERR_SQLITE_ERROR' && !this.#closed) return error
    return new BackendUnavailableError(`the SQLite store does not answer: ${describeSqliteError(error)}`, { cause: error })
  }
}
