import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { BackendUnavailableError } from '../../errors/backend-unavailable-error'
import { describeSqliteError } from './describe-sqlite-error'
import { isLock } from './is-lock'
import type { StoreFiles } from './store-files'

/** Milliseconds between one try and the next, the same as in SQLite. The last one repeats. */
const DELAYS = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100]

/** The only connection of this process to the store's file. It waits for locks of other processes without blocking the event loop. */
export class SqliteConnection {
  #closed = false

  /** `patienceMs`: how long to wait for a lock. `files`: absent for a store in memory. */
  constructor(readonly db: DatabaseSync, private readonly patienceMs: number, private readonly files?: StoreFiles) {}

  /**
   * Runs `work` in one transaction. `work` must not await, because this connection has one transaction at a time. It may run again from the
   * start, so it must change nothing but the store.
   *
   * @throws BackendUnavailableError for every SQLite error: locked for too long, disk full, unreadable; also if the file is gone
   */
  transaction<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T): Promise<T> {
    return this.patiently(() => this.#try(begin, work))
  }

  /** Runs `work`, one reading statement, without a transaction. @throws BackendUnavailableError */
  read<T>(work: () => T): Promise<T> {
    return this.patiently(() => {
      this.files?.check()
      return work()
    })
  }

  /** Like `read`, but does not wait for locks. */
  readNow<T>(work: () => T): T {
    try { return work() }
    catch (error) { throw this.#explain(error) }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.db.close()
  }

  /** Repeats `attempt` until `done` accepts its result or the patience is over. Only locks are retried. @returns the last result */
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
      // If the file was replaced meanwhile, the commit is in the old one. Then it must not be acknowledged.
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
    // Some errors (a full disk) make SQLite roll back by itself. Then this ROLLBACK fails.
    catch { /* the first error is the one to report */ }
  }

  /** An error of SQLite, or any error after closing, means that the store is away. Other errors are our own bugs and are passed on. */
  #explain(error: unknown): unknown {
    const code = (error as { code?: unknown } | null)?.code
    if (code !== 'ERR_SQLITE_ERROR' && !this.#closed) return error
    return new BackendUnavailableError(`the SQLite store does not answer: ${describeSqliteError(error)}`, { cause: error })
  }
}
