import { describe, expect, it } from 'vitest'
import type { CapturedOp } from '#or3-sync/core/sync/records/captured-op'
import type { EngineContext } from '#or3-sync/core/sync/context/engine-context'
import { FreshEdits } from '#or3-sync/core/sync/push/fresh-edits'

const context = { schema: { tables: { todos: { name: 'todos' } } }, deviceId: () => 'device', incarnation: () => 0 } as unknown as EngineContext
const hlc = (node: string, counter: number) => `0mjuohs00:000${counter}:${node}`

/** The `clock`-th edit of one record, each upon the one before. */
function edit(clock: number, node = 'nodenode'): CapturedOp {
  const base = clock === 1 ? null : { clock: clock - 1, hlc: hlc(node, clock - 1) }
  return { edit: { pk: '1', op: 'delete', clock, hlc: hlc(node, clock), opId: `op${clock}`, base }, tableName: 'todos', createdAt: 0, recordId: clock, held: false, size: 0 }
}

function fresh(...edits: CapturedOp[]): FreshEdits {
  const found = new FreshEdits()
  found.outboxIsBeingRead()
  found.add(edits)
  return found
}

describe('edits made a moment ago', () => {
  it('are sent as made upon what the first of them was made upon, and name those between, which another tab may have sent', () => {
    const [sent] = fresh(edit(1), edit(2), edit(3)).take(context, 10)!.ops
    expect(sent!.op).toMatchObject({ stamp: { opId: 'op3' }, base: null, unheard: ['nodenode'] })
  })

  it('say nothing of others where there were none', () => {
    const [sent] = fresh(edit(1)).take(context, 10)!.ops
    expect(sent!.op).not.toHaveProperty('unheard')
  })

  it('that were read from the outbox meanwhile are not sent a second time, nor is what they stood on said of the next one', () => {
    const edits = fresh(edit(1))
    edits.hasRead(1)
    expect(edits.take(context, 10)).toBeNull()
    edits.add([edit(2)])
    const [sent] = edits.take(context, 10)!.ops
    expect(sent!.op).toMatchObject({ base: { clock: 1, hlc: hlc('nodenode', 1) } })
  })
})
