/** A captured write that was rejected. */
export interface FailedWrite {
  tableName: string
  /** Null: the call named no record, such as `clear()`. */
  pk: string | null
  error: Error
}

/** One write of the app within a transaction. */
export interface WriteCall {
  readonly tableName: string
  /** The key of its first row, or of the row that is refused. */
  pk: string | null
  readonly failures: FailedWrite[]
  isReported: boolean
}

/** `isOver`: it has committed or aborted. */
interface Transaction { calls: WriteCall[], isOver: boolean }

/** Errors of a request that failed because its transaction did. The real reason is the transaction's error. */
const CONSEQUENCES: ReadonlySet<string> = new Set(['AbortError', 'TransactionInactiveError', 'InvalidStateError'])

/**
 * Reports rejected writes, each once, when their transaction is over. If the browser aborted the transaction (such as for a full disk), its other
 * writes are lost, too, and are reported with the browser's error. If the app aborted it, they are not reported.
 */
export class FailedWrites {
  readonly #transactions = new WeakMap<object, Transaction>()

  constructor(private readonly onFailed: (failure: FailedWrite) => void) {}

  /** Must be called at the start of each write. */
  begin(trans: object, tableName: string, pk: string | null): WriteCall {
    const call: WriteCall = { tableName, pk, failures: [], isReported: false }
    this.#of(trans).calls.push(call)
    return call
  }

  /** Notes that a row of the call was rejected, or the whole call. */
  note(trans: object, call: WriteCall, error: Error, pk: string | null = call.pk): void {
    call.failures.push({ tableName: call.tableName, pk, error })
    // A request may fail after its transaction has told of its end.
    if (this.#of(trans).isOver) this.#report(call, null)
  }

  /** The transaction is over. `reason`: why the browser aborted it; null: it has committed, or the app has aborted it. */
  over(trans: object, reason: Error | null): void {
    const transaction = this.#transactions.get(trans)
    if (!transaction) return
    transaction.isOver = true
    for (const call of transaction.calls) this.#report(call, reason)
    transaction.calls = []
  }

  #report(call: WriteCall, reason: Error | null): void {
    if (call.isReported) return
    const own = call.failures.filter(({ error }) => !CONSEQUENCES.has(error.name))
    call.isReported = own.length > 0 || reason !== null
    for (const failure of own) this.onFailed(failure)
    if (!own.length && reason) this.onFailed({ tableName: call.tableName, pk: call.pk, error: reason })
  }

  #of(trans: object): Transaction {
    let transaction = this.#transactions.get(trans)
    if (!transaction) this.#transactions.set(trans, transaction = { calls: [], isOver: false })
    return transaction
  }
}
