import { hlcNode } from '../protocol/hlc'
import { isAboveBase } from '../protocol/knew-revision'
import { OVERWROTE_REPLY_TEXT, PULL_PAGE_BYTES } from '../protocol/limits'
import { compareRevisions } from '../protocol/revision'
import type { FoldedResult, FoldInput, FoldOutput } from './fold-output'
import { planPush } from './plan-push'
import type { PlanInput, PushPlan, PushStep } from './plan-push'
import type { AcceptedOp } from './push-item'
import { mergePushMemories, opFingerprint, perhapsUnheard } from './push-memory'
import type { PushMemory, RememberedResult } from './push-memory'
import { recordKey } from '../protocol/record-key'
import { isUnread, shownRevision } from './record-row'
import type { RecordRow, FoundRow, UnreadRow } from './record-row'
import { isSameEdit } from './same-edit'

/**
 * Decides a whole push batch: which ops become the revision of their record, which ones lose, and the answer to each.
 * It is pure, so every store gives the same answers. The caller reads the rows before and writes the result after, in one transaction.
 */
export function foldPush(input: FoldInput): FoldOutput {
  const step = foldPlan(planPush(input)).next()
  if (!step.done) throw new Error(`foldPush: ${step.value.length} rows came without their payload`)
  return step.value
}

/**
 * The second half of a push, after `planPush`: the answer to each op. Some answers need stored payloads. For these it yields record keys,
 * about a page of the feed at a time, and the caller passes their payload texts to `next()`. Most batches yield nothing, nearly all others once.
 *
 * It asks page by page, because the lengths of the payloads do not tell when the reply is full: a replaced row with the same content as
 * the op is not sent.
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
    // Checked after each op, so that no further payloads are read for a batch that is refused anyway.
    if (fold.overwroteText > OVERWROTE_REPLY_TEXT && plan.steps.length > 1) return { status: 'too-large' }
  }
  return {
    status: 'folded',
    version: plan.version,
    results,
    writes: [...plan.writes],
    previous: plan.writes.map(({ tableName, pk }) => shownRevision(plan.input.rows.get(recordKey(tableName, pk)))),
    remembered: fold.changedMemories(),
    applied: plan.version - plan.input.version,
  }
}

/** Answers the steps of a plan in their order, and keeps count of what the reply holds so far. */
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

  /** The row whose payload the step needs, if that payload has not been read yet. */
  lacking(step: PushStep): UnreadRow | undefined {
    const stored = 'stored' in step ? step.stored : undefined
    if (!stored || !isUnread(stored) || this.#payloads.has(recordKey(stored.tableName, stored.pk))) return undefined
    // A replaced row always goes into the reply with its payload. A winner only does while the reply has room.
    return step.kind === 'apply' || this.#replyText < PULL_PAGE_BYTES ? stored : undefined
  }

  /** The keys of the payloads that this step and the following ones lack, up to the size of a page. */
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
   * The memories to store after this batch. A memory holds what one writer (an HLC node) was last answered: see `PushMemory`.
   *
   * - All ops of the writer are repeats: its memory does not change.
   * - Some ops are repeats, or none was newly applied: the new answers are added. Such a batch may be an old request that arrives a
   *   second time. If it replaced the memory, the answers to later batches would be lost.
   * - Otherwise the device has received the last reply, because it sends one batch at a time. So the new answers replace the memory,
   *   except for old answers that the device may still have missed: see `perhapsUnheard`.
   */
  changedMemories(): Map<string, PushMemory> {
    const changed = new Map<string, PushMemory>()
    for (const [writer, answered] of this.#answered) {
      const before = this.#input.remembered.get(writer)
      if (before && isSubset(answered, before)) continue
      const goesOn = this.#repeating.has(writer) || !this.#applying.has(writer)
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

  /** Adds to the answer what earlier, lost answers said was replaced. @returns the part of this that is to be remembered. */
  #tellEarlier(op: AcceptedOp, result: FoldedResult): { unheard?: RecordRow[] } {
    const unheard = this.#unheard(op)
    if (!unheard) return {}
    for (const row of unheard) this.#countReplaced(row)
    result.overwroteEarlier = unheard
    return { unheard }
  }

  /**
   * The revisions of this record that earlier ops of the same database replaced without the database knowing it. It does not know
   * if this op has a base below the replaced revision: the answer that named that revision was lost.
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

  /** The rows that a writer replaced according to its remembered answers, by record key. */
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
    // If the record was deleted since, the answer names the delete, even when the op had lost to another revision at the time.
    // A walk leaves tombstones out, so a device that walked the feed since would never hear of the delete.
    const isDeleted = stored?.op === 'delete' && !this.#isOwnDelete(op, stored) && compareRevisions(stored.stamp, op.stamp) > 0
    const winner = isDeleted ? stored : earlier.winner
    if (winner) result.winner = this.#withinReply(winner)
    if (earlier.overwrote) result.overwrote = earlier.overwrote
    if (earlier.unheard) result.overwroteEarlier = earlier.unheard
    for (const row of [...earlier.unheard ?? [], ...earlier.overwrote ? [earlier.overwrote] : []]) this.#countReplaced(row)
    return result
  }

  /**
   * Whether the device that repeats an op also made this delete, and so knows of it. The HLC node of the delete does not prove that,
   * because another user may stamp with the same node. The remembered answers of this user do. An op without `base` was queued again
   * after a restore, so it may be anybody's edit.
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

  /** The row as it goes into the reply: without its payload once the reply is full. */
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
