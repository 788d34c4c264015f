import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import type { WirePayload } from '#or3-sync/shared/sync/protocol/types'
import { utf8Length } from '#or3-sync/shared/sync/protocol/utf8-length'
import { answerPlan } from '#or3-sync/shared/sync/query/answer-plan'
import { rangeTest } from '#or3-sync/shared/sync/query/in-range'
import { indexKeys } from '#or3-sync/shared/sync/query/index-keys'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import { sanitizePayload } from '#or3-sync/shared/sync/rows/sanitize-payload'
import { withRevision } from '#or3-sync/shared/sync/rows/stored-row'
import { upgradeRow } from '#or3-sync/shared/sync/rows/upgrade-row'
import { toLocalRow, validateRow } from '#or3-sync/shared/sync/rows/validate-payload'
import type { SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'

/** What the store may read for one query of a page: rows, and UTF-8 bytes of their payloads. */
export const READ_MAX_ROWS = 10_000
export const READ_MAX_BYTES = 8 * 1024 * 1024
/** Keys of these rows in the index that is asked for. A row has several in a multi-entry index. */
export const READ_MAX_KEYS = 100_000
/** What one answer may hold. It travels in the page's HTML. */
export const ANSWER_MAX_ROWS = 1_000
export const ANSWER_MAX_BYTES = 2 * 1024 * 1024

/** Takes the stored rows that a query may need, one by one, and answers it. */
export class PlanReader {
  /** Rows that are in the range that the query asks for, by primary key. */
  readonly #found = new Map<string, { row: Record<string, unknown>, bytes: number }>()
  /** How many rows the answer can need. */
  readonly #needed: number
  readonly #isInRange: (key: unknown) => boolean
  #rows = 0
  #bytes = 0
  #keys = 0

  constructor(private readonly table: SyncTable, private readonly plan: QueryPlan) {
    this.#isInRange = rangeTest(plan.range)
    // One more than the answer may hold, so that an answer that is too large is noticed.
    const most = plan.result === 'row' ? 1 : plan.result === 'count' ? Infinity : ANSWER_MAX_ROWS + 1
    this.#needed = plan.limit === 0 ? 0 : plan.offset + Math.min(plan.limit ?? Infinity, most)
  }

  /** How many rows the answer still needs at most, if rows come in the order of the query. With rows in any other order this says nothing. */
  get missing(): number {
    return Math.max(0, this.#needed - this.#found.size)
  }

  /**
   * Takes a row, or a newer revision of a row that was taken before. Rows that a device would not show are left out: deleted ones, and those
   * that fail the schema.
   *
   * @throws SyncError `OVERSIZED` when this query has read too much
   */
  take({ op, pk, payload, stamp }: RecordRow): void {
    this.#found.delete(pk)
    if (op === 'delete' || payload === null) return
    const bytes = utf8Length(payload)
    this.#count(bytes)
    const upgraded = upgradeRow(this.table, toLocalRow(this.table, sanitizePayload(JSON.parse(payload) as WirePayload)))
    if (!upgraded.ok || upgraded.row[this.table.primaryKey] !== pk) return
    const row = withRevision(upgraded.row, stamp)
    // The schema is asked last, because that takes the longest.
    const keys = indexKeys(this.plan.index, row, this.table.primaryKey)
    this.#keys += keys.length
    if (this.#keys > READ_MAX_KEYS) throw this.#tooMuch(`${READ_MAX_KEYS} keys of an index`)
    if (keys.some(this.#isInRange) && validateRow(this.table, upgraded.row) === null) this.#found.set(pk, { row, bytes })
  }

  /** @returns by `plan.result`. @throws SyncError `OVERSIZED` when a page should not carry that much */
  answer(): unknown {
    const answer = answerPlan(this.plan, [...this.#found.values()].map(({ row }) => row), this.table.primaryKey)
    if (!Array.isArray(answer)) return answer
    const pks = new Set(answer.map(row => row[this.table.primaryKey] as string))
    const bytes = [...pks].reduce((sum, pk) => sum + this.#found.get(pk)!.bytes, 0)
    if (answer.length <= ANSWER_MAX_ROWS && bytes <= ANSWER_MAX_BYTES) return answer
    const most = answer.length > ANSWER_MAX_ROWS ? `${ANSWER_MAX_ROWS} rows` : `${ANSWER_MAX_BYTES} bytes`
    throw new SyncError('OVERSIZED', `the answer to this query of table "${this.table.name}" has more than ${most}, too much for a page; set a ${this.plan.limit === null ? '' : 'lower '}limit`)
  }

  #count(bytes: number): void {
    this.#rows++
    this.#bytes += bytes
    if (this.#rows <= READ_MAX_ROWS && this.#bytes <= READ_MAX_BYTES) return
    const most = this.#rows > READ_MAX_ROWS ? `${READ_MAX_ROWS} rows` : `${READ_MAX_BYTES} bytes`
    throw this.#tooMuch(most)
  }

  #tooMuch(most: string): SyncError {
    return new SyncError('OVERSIZED', `the store would have to read more than ${most} of table "${this.table.name}" for this query; ask for a part of an index that the store has, with a limit, or use the function form, which only the browser answers`)
  }
}
