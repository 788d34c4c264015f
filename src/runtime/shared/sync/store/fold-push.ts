import { hlcNode } from '../protocol/hlc'
import { isAboveBase } from '../protocol/knew-revision'
import { OVERWROTE_REPLY_TEXT, PULL_PAGE_BYTES } from '../protocol/limits'
import { compareRevisions } from '../protocol/revision'
import type { WireErrorCode } from '../protocol/types'
import { planPush } from './plan-push'
import type { PlanInput, PushPlan, PushStep } from './plan-push'
import type { AcceptedOp } from './push-item'
import { mergePushMemories, opFingerprint, perhapsUnheard } from './push-memory'
import type { PushMemory, RememberedResult } from './push-memory'
import { recordKey } from '../protocol/record-key'
import { isUnread } from './record-row'
import type { RecordRow, FoundRow, UnreadRow } from './record-row'
import { isSameEdit } from './same-edit'

/** A `PushOpResult` whose revisions are still rows of the store. */
export interface FoldedResult {
  opId: string | null
  success: boolean
  applied?: boolean
  replayed?: boolean
  serverVersion?: number
  errorCode?: WireErrorCode
  error?: string
  winner?: RecordRow
  overwrote?: RecordRow
  overwroteEarlier?: RecordRow[]
  current?: RecordRow
}

export interface FoldInput extends PlanInput {
  rows: ReadonlyMap<string, RecordRow>
}

export type FoldOutput =
  | {
    status: 'folded'
    version: number
    results: FoldedResult[]
    /** The final row of each record that changed, in the order of versions. */
    writes: RecordRow[]
    /** The memories to store, by HLC node; a writer whose memory stays is absent. */
    remembered: Map<string, PushMemory>
    /** How many ops were applied now (repeats not counted). */
    applied: number
  }
  /** What the batch replaces is too much for one reply, and it must not be lost: send fewer ops. Nothing is written. */
  | { status: 'too-large' }

/**
 * Decides a batch: which ops become their record's revision, which lose, and what each is answered.
 * Pure, so that every store gives the same answers; the caller reads before and writes after, in one transaction.
 */
export function foldPush(input: FoldInput): FoldOutput {
  const step = foldPlan(planPush(input)).next()
  if (!step.done) throw new Error(`foldPush: ${step.value.length} rows came without their payload`)
  return step.value
}

/**
 * The second half of a batch, after `planPush`: what each op is answered. Where that takes stored payloads, it yields the keys of the next
 * ones, about a page of the feed, and is to be given their texts. Most batches need none, nearly all others one page.
 *
 * Pages, because lengths alone do not tell when the reply is full: two edits that met may say the same, and then nothing is told.
 */
export function* foldPlan(plan: PushPlan): Generator<readonly string[], FoldOutput, ReadonlyMap<string, string>> {
  const fold = new Fold(plan)
  const results: FoldedResult[] = []
  for (const [index, step] of plan.steps.entries()) {
    if (fold.lacking(step)) {
      const keys = fold.nextPayloads(index)
      fold.keepPayloads(keys, yield keys)
    }
    results.push(fold.answer(step))
    // At once: the payloads of what else it replaces need not even be read.
    if (fold.overwroteText > OVERWROTE_REPLY_TEXT && plan.steps.length > 1) return { status: 'too-large' }
  }
  return {
    status: 'folded',
    version: plan.version,
    results,
    writes: [...plan.writes],
    remembered: fold.memories(),
    applied: plan.version - plan.input.version,
  }
}

class Fold {
  overwroteText = 0
  #replyText = 0
  readonly #input: PlanInput
  readonly #payloads = new Map<string, string | null>()
  readonly #answered = new Map<string, PushMemory>()
  readonly #repeating = new Set<string>()
  readonly #applying = new Set<string>()
  readonly #replaced = new Map<string, Map<string, RecordRow[]>>()
  #sent: Set<string> | undefined

  constructor(private readonly plan: PushPlan) {
    this.#input = plan.input
  }

  /** The row whose payload the step needs, as long as that is not at hand. */
  lacking(step: PushStep): UnreadRow | undefined {
    const stored = 'stored' in step ? step.stored : undefined
    if (!stored || !isUnread(stored) || this.#payloads.has(recordKey(stored.tableName, stored.pk))) return undefined
    // What is replaced is always told; a winner only as long as the reply has room.
    return step.kind === 'apply' || this.#replyText < PULL_PAGE_BYTES ? stored : undefined
  }

  /** The keys of what this step lacks, and those after it, up to the size of a page. */
  nextPayloads(index: number): string[] {
    const keys = new Set<string>()
    let bytes = 0
    for (let next = index; next < this.plan.steps.length && bytes < PULL_PAGE_BYTES; next++) {
      const row = this.lacking(this.plan.steps[next]!)
      const key = row && recordKey(row.tableName, row.pk)
      if (key === undefined || keys.has(key)) continue
      keys.add(key)
      bytes += row!.payloadBytes
    }
    return [...keys]
  }

  keepPayloads(keys: readonly string[], payloads: ReadonlyMap<string, string>): void {
    for (const key of keys) this.#payloads.set(key, payloads.get(key) ?? null)
  }

  answer(step: PushStep): FoldedResult {
    switch (step.kind) {
      case 'repeat': {
        const { op, fingerprint, earlier, current } = step
        this.#repeating.add(hlcNode(op.stamp.hlc))
        this.#remember(op, fingerprint, earlier)
        return this.#repeat(op, earlier, current)
      }
      case 'same': {
        const { op, fingerprint, version } = step
        this.#remember(op, fingerprint, { version })
        return { opId: op.stamp.opId, success: true, applied: true, replayed: true, serverVersion: version }
      }
      case 'refuse': return this.#refuse(step)
      case 'lose': return this.#lose(step)
      case 'apply': return this.#apply(step)
    }
  }

  /**
   * What is to be remembered of each writer from now on.
   *
   * - It only repeats: its memory stays as it is.
   * - It repeats some ops, or none was applied now: the answers are added. Such a batch may be an old request that arrives a second
   *   time, and what was answered since must not be forgotten for it.
   * - Else it has heard of its last batch, and its memory starts anew, except for answers about edits that may be held back or wait
   *   aside: nobody knows whether those were heard. See `perhapsUnheard`.
   */
  memories(): Map<string, PushMemory> {
    const changed = new Map<string, PushMemory>()
    for (const [writer, answered] of this.#answered) {
      const before = this.#input.remembered.get(writer)
      if (before && isSubset(answered, before)) continue
      const goesOn = this.#repeating.has(writer) || this.#input.continues || !this.#applying.has(writer)
      if (before) changed.set(writer, mergePushMemories(goesOn ? before : perhapsUnheard(before, key => this.#isSent(key)), answered))
      else changed.set(writer, answered)
    }
    return changed
  }

  #isSent(key: string): boolean {
    this.#sent ??= new Set(this.#input.items.flatMap(item => item.kind === 'op' ? recordKey(item.tableName, item.pk) : []))
    return this.#sent.has(key)
  }

  #lose({ op, fingerprint, stored }: Extract<PushStep, { kind: 'lose' }>): FoldedResult {
    const winner = this.#withinReply(stored)
    const result: FoldedResult = { opId: op.stamp.opId, success: true, applied: false, serverVersion: stored.serverVersion, winner }
    this.#remember(op, fingerprint, { version: stored.serverVersion, winner, ...this.#tellEarlier(op, result) })
    return result
  }

  #apply({ op, fingerprint, row, stored }: Extract<PushStep, { kind: 'apply' }>): FoldedResult {
    const met = stored && { ...this.#read(stored) }
    const overwrote = met && !isSameEdit(op, met) ? met : undefined
    this.#applying.add(hlcNode(op.stamp.hlc))
    const result: FoldedResult = { opId: op.stamp.opId, success: true, applied: true, serverVersion: row.serverVersion }
    if (overwrote) {
      this.#countReplaced(overwrote)
      result.overwrote = overwrote
    }
    this.#remember(op, fingerprint, { version: row.serverVersion, overwrote, ...this.#tellEarlier(op, result) })
    return result
  }

  /** Adds to the answer what answers before it said in vain. @returns what to remember of that. */
  #tellEarlier(op: AcceptedOp, result: FoldedResult): { unheard?: RecordRow[] } {
    const unheard = this.#unheard(op)
    if (!unheard) return {}
    for (const row of unheard) this.#countReplaced(row)
    result.overwroteEarlier = unheard
    return { unheard }
  }

  /**
   * What earlier ops of the same database replaced in this record, although the database does not know: this op goes on from a
   * revision below the replaced one, so that answer was never heard.
   */
  #unheard(op: AcceptedOp): RecordRow[] | undefined {
    const { base } = op
    if (base === undefined) return undefined
    const found = new Map<string, RecordRow>()
    for (const writer of new Set([hlcNode(op.stamp.hlc), ...op.unheard ?? []])) {
      for (const row of this.#replacedBy(writer).get(recordKey(op.tableName, op.pk)) ?? []) {
        if (isAboveBase(row.stamp, base)) found.set(row.stamp.opId, row)
      }
    }
    return found.size ? [...found.values()] : undefined
  }

  /** What the remembered answers of a writer say was replaced, by record. */
  #replacedBy(writer: string): Map<string, RecordRow[]> {
    let replaced = this.#replaced.get(writer)
    if (replaced) return replaced
    this.#replaced.set(writer, replaced = new Map())
    for (const { overwrote, unheard = [] } of this.#input.remembered.get(writer)?.values() ?? []) {
      for (const row of overwrote ? [...unheard, overwrote] : unheard) {
        const key = recordKey(row.tableName, row.pk)
        const rows = replaced.get(key)
        if (!rows) replaced.set(key, [row])
        else if (!rows.some(({ stamp }) => stamp.opId === row.stamp.opId)) rows.push(row)
      }
    }
    return replaced
  }

  #repeat(op: AcceptedOp, earlier: RememberedResult, stored: FoundRow | undefined): FoldedResult {
    const result: FoldedResult = { opId: op.stamp.opId, success: true, applied: !earlier.winner, replayed: true, serverVersion: earlier.version }
    // Deleted since, also where it had lost before: a device that walks or has walked the feed without tombstones would not learn it any other way.
    const isDeleted = stored?.op === 'delete' && !this.#isOwnDelete(op, stored) && compareRevisions(stored.stamp, op.stamp) > 0
    const winner = isDeleted ? stored : earlier.winner
    if (winner) result.winner = this.#withinReply(winner)
    if (earlier.overwrote) result.overwrote = earlier.overwrote
    if (earlier.unheard) result.overwroteEarlier = earlier.unheard
    for (const row of [...earlier.unheard ?? [], ...earlier.overwrote ? [earlier.overwrote] : []]) this.#countReplaced(row)
    return result
  }

  /**
   * Whether who repeats an op made this delete, too, and so knows of it. The node of the delete does not say so, for others may stamp
   * with it; what this user was answered does. What is queued again after a restore may be anybody's edit.
   */
  #isOwnDelete({ stamp, base, unheard = [] }: AcceptedOp, { tableName, pk, stamp: deleted }: FoundRow): boolean {
    const writer = hlcNode(deleted.hlc)
    if (base === undefined || ![hlcNode(stamp.hlc), ...unheard].includes(writer)) return false
    const fingerprint = opFingerprint(tableName, pk, deleted)
    return [this.#input.remembered, this.#answered].some(memories => memories.get(writer)?.has(fingerprint))
  }

  #countReplaced({ payload }: RecordRow): void {
    this.overwroteText += payload?.length ?? 0
    this.#replyText += payload?.length ?? 0
  }

  #refuse({ opId, errorCode, error, stored }: Extract<PushStep, { kind: 'refuse' }>): FoldedResult {
    const result: FoldedResult = { opId, success: false, errorCode, error }
    if (stored) result.current = this.#withinReply(stored)
    return result
  }

  /** The row as it goes into the reply: without its payload once the reply holds enough of them. */
  #withinReply(row: FoundRow): RecordRow {
    if (this.#replyText >= PULL_PAGE_BYTES) return withPayload(row, null)
    const { payload } = this.#read(row)
    this.#replyText += payload?.length ?? 0
    return withPayload(row, payload)
  }

  #read(row: FoundRow): RecordRow {
    return isUnread(row) ? withPayload(row, this.#payloads.get(recordKey(row.tableName, row.pk)) ?? null) : row
  }

  #remember(op: AcceptedOp, fingerprint: string, result: RememberedResult) {
    const writer = hlcNode(op.stamp.hlc)
    let memory = this.#answered.get(writer)
    if (!memory) this.#answered.set(writer, memory = new Map())
    memory.set(fingerprint, result)
  }
}

function withPayload({ tableName, pk, serverVersion, op, stamp, collected }: FoundRow, payload: string | null): RecordRow {
  return { tableName, pk, serverVersion, op, payload, stamp, collected }
}

function isSubset(part: PushMemory, whole: PushMemory): boolean {
  for (const fingerprint of part.keys()) if (!whole.has(fingerprint)) return false
  return true
}
