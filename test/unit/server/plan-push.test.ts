import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldPlan, foldPush } from '#or3-sync/shared/sync/store/fold-push'
import type { FoldInput, FoldOutput } from '#or3-sync/shared/sync/store/fold-output'
import { planPush } from '#or3-sync/shared/sync/store/plan-push'
import type { AcceptedOp, PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { PushMemory } from '#or3-sync/shared/sync/store/push-memory'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { RecordRow, FoundRow } from '#or3-sync/shared/sync/store/record-row'
import { acceptedOp, NOW } from './support/make-op'

/** Decides a batch as a store does that keeps payloads apart, and notes which rows were read, page by page. */
function foldApart(input: FoldInput): { fold: FoldOutput, pages: (readonly string[])[] } {
  const pages: (readonly string[])[] = []
  const answers = foldPlan(planPush({ ...input, rows: new Map([...input.rows].map(([key, row]) => [key, withoutPayload(row)])) }))
  let step = answers.next()
  while (!step.done) {
    pages.push(step.value)
    step = answers.next(new Map(step.value.map(key => [key, input.rows.get(key)!.payload!])))
  }
  return { fold: step.value, pages }
}

function withoutPayload({ payload, ...row }: RecordRow): FoundRow {
  return payload === null ? { ...row, payload } : { ...row, payloadBytes: Buffer.byteLength(payload) }
}

/** What a store holds after these pushes. */
function inputAfter(batches: readonly PushItem[][], items: readonly PushItem[]): FoldInput {
  const rows = new Map<string, RecordRow>()
  const remembered = new Map<string, PushMemory>()
  let version = 0
  for (const batch of batches) {
    const fold = foldPush({ version, rows, items: batch, remembered, now: NOW })
    if (fold.status === 'too-large') continue
    version = fold.version
    for (const row of fold.writes) rows.set(recordKey(row.tableName, row.pk), row)
    for (const [node, memory] of fold.remembered) remembered.set(node, memory)
  }
  return { version, rows, items, remembered, now: NOW }
}

const pks = Array.from({ length: 100 }, (_, index) => `row-${index}`)
const stored = (text: string) => pks.map(pk => acceptedOp({ pk, clock: 5, device: 'other', payload: { id: pk, text } }))

describe('a push to a store that keeps payloads apart', () => {
  it('reads none for rows that are new, or known to who edits them', () => {
    const first = stored('x')
    const later = first.map(({ pk, stamp }) => acceptedOp({ pk, clock: 6, base: stamp }))
    expect(foldApart(inputAfter([], first)).pages).toEqual([])
    expect(foldApart(inputAfter([first], later))).toMatchObject({ fold: { status: 'folded', applied: 100 }, pages: [] })
  })

  it('reads what was met in one go', () => {
    const later = pks.map(pk => acceptedOp({ pk, clock: 6, base: null }))
    expect(foldApart(inputAfter([stored('x')], later)).pages.map(keys => keys.length)).toEqual([100])
  })

  it('F42: reads about a page of what is replaced before it refuses the batch', () => {
    const later = pks.map(pk => acceptedOp({ pk, clock: 6, base: null }))
    const { fold, pages } = foldApart(inputAfter([stored('x'.repeat(200_000))], later))
    expect(fold.status).toBe('too-large')
    expect(pages.flat()).toHaveLength(11)
  })

  it('F42: reads the winners that the reply has room for, and of the others none', () => {
    const lost = pks.map(pk => acceptedOp({ pk, clock: 1 }))
    const { fold, pages } = foldApart(inputAfter([stored('x'.repeat(200_000))], [...lost, acceptedOp({ pk: 'row-99', clock: 6, base: null })]))
    expect(pages.map(keys => keys.length)).toEqual([11, 1])
    expect(fold).toMatchObject({ status: 'folded', applied: 1 })
  })

  it('goes on reading while the rows that were met say the same, or have fewer characters than bytes', () => {
    const text = 'ü'.repeat(100_000)
    const same = pks.slice(0, 30).map(pk => acceptedOp({ pk, clock: 6, base: null, payload: { text, id: pk } }))
    const { fold, pages } = foldApart(inputAfter([stored(text)], same))
    expect(fold).toMatchObject({ status: 'folded', applied: 30 })
    expect(pages.length).toBeGreaterThan(1)
    const other = pks.slice(0, 15).map(pk => acceptedOp({ pk, clock: 6, base: null }))
    expect(foldApart(inputAfter([stored(text)], other)).fold).toMatchObject({ status: 'folded', applied: 15 })
  })

  it('is answered as by a store that has everything at hand', () => {
    const text = fc.constantFrom('x', 'x'.repeat(300_000), 'ü'.repeat(500_000), 'x'.repeat(900_000))
    const op = fc.record({
      pk: fc.constantFrom(...'abcdef'), op: fc.constantFrom('put' as const, 'put' as const, 'delete' as const), clock: fc.integer({ min: 1, max: 9 }),
      at: fc.integer({ min: -3, max: 3 }), device: fc.constantFrom('device-1', 'device-2'), base: fc.constantFrom(null, null, undefined), unheard: fc.constantFrom<string[] | undefined>(undefined, ['device10']),
    })
    const item = fc.tuple(op, text, fc.constantFrom('as it is', 'as it is', 'turned', 'judged', 'rejected')).map(([{ pk, ...options }, text, form]): PushItem => {
      if (form === 'rejected') return { kind: 'rejected', opId: null, errorCode: 'VALIDATION_ERROR', error: 'bad', record: { tableName: 'todos', pk } }
      const made: AcceptedOp = acceptedOp({ pk, ...options, payload: form === 'turned' ? { text, id: pk } : { id: pk, text } })
      return form === 'judged' ? { ...made, isSameContent: stored => stored.length > 100_000 } : made
    })
    const first = fc.array(text, { minLength: 6, maxLength: 6 }).map(texts => texts.map((text, index) => acceptedOp({ pk: 'abcdef'[index]!, clock: 4, device: 'other', payload: { id: 'abcdef'[index]!, text } })))
    const batch = fc.array(item, { minLength: 1, maxLength: 12, size: 'max' })
    fc.assert(fc.property(first, fc.array(batch, { maxLength: 2 }), batch, fc.boolean(), (first, before, items, isRepeated) => {
      const input = inputAfter([first, ...before, ...isRepeated ? [items] : []], items)
      expect(foldApart(input).fold).toEqual(foldPush(input))
    }))
  })
})
