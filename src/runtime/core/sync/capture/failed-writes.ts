/** A captured write that was rejected. */
export interface FailedWrite {
  tableName: string
  /** Null: the call named no single record. */
  pk: string | null
  error: Error
}

/** One call of the app within a transaction. */
export interface WriteCall {
  readonly tableName: string
  /** Of its first row, or of the one that is refused. */
  pk: string | null
  readonly failures: FailedWrite[]
  isTold: boolean
}

interface Transaction { calls: WriteCall[], isOver: boolean }

/** What every request is told once its transaction has failed: the reason is the transaction's. */
const CONSEQUENCES: ReadonlySet<string> = new Set(['AbortError', 'TransactionInactiveError', 'InvalidStateError'])

/**
 * Tells of rejected writes when their transaction is over: of each once, with the browser's reason. A write that went well and fell with its
 * transaction counts where the browser gave it up (a full disk), not where the app did.
 */
export class FailedWrites {
  readonly #transactions = new WeakMap<object, Transaction>()

  constructor(private readonly onFailed: (failure: FailedWrite) => void) {}

  begin(trans: object, tableName: string, pk: string | null): WriteCall {
    const call: WriteCall = { tableName, pk, failures: [], isTold: false }
    this.#of(trans).calls.push(call)
    return call
  }

  /** A row of the call was rejected, or all of it. */
  note(trans: object, call: WriteCall, error: Error, pk: string | null = call.pk): void {
    call.failures.push({ tableName: call.tableName, pk, error })
    // The request may hear of the abort after its transaction.
    if (this.#of(trans).isOver) this.#tell(call, null)
  }

  /** `reason`: why the browser gave the transaction up; null: it has committed, or the app gave it up. */
  over(trans: object, reason: Error | null): void {
    const transaction = this.#transactions.get(trans)
    if (!transaction) return
    transaction.isOver = true
    for (const call of transaction.calls) this.#tell(call, reason)
    transaction.calls = []
  }

  #tell(call: WriteCall, reason: Error | null): void {
    if (call.isTold) return
    const own = call.failures.filter(({ error }) => !CONSEQUENCES.has(error.name))
    call.isTold = own.length > 0 || reason !== null
    for (const failure of own) this.onFailed(failure)
    if (!own.length && reason) this.onFailed({ tableName: call.tableName, pk: call.pk, error: reason })
  }

  #of(trans: object): Transaction {
    let transaction = this.#transactions.get(trans)
    if (!transaction) this.#transactions.set(trans, transaction = { calls: [], isOver: false })
    return transaction
  }
}
