import { describe, expect, it } from 'vitest'
import { listConvex } from '../../../server/lib/backends/convex/list-convex'

type Reply = { next: string | null, version: number, pk?: string }
const REQUEST = { workspaceId: 'w1', tableName: 'todos', limit: 10, order: 'asc', maxBytes: 1_000 } as const

/** A deployment that gives these replies, one for each call, and again from the last. */
function list(replies: Reply[], after?: string) {
  const asked: (string | undefined)[] = []
  const rows = listConvex({ ...REQUEST, after }, async (args) => {
    const { next, version, pk } = replies[Math.min(asked.push(args.after) - 1, replies.length - 1)]!
    const row = { serverVersion: 1, tableName: 'todos', pk: pk!, op: 'put' as const, payload: '{}', stamp: { deviceId: 'd', opId: 'o', hlc: 'h', clock: 1 } }
    return { rows: pk === undefined ? [] : [row], next, version }
  })
  return { rows, asked }
}

describe('a list of a Convex deployment', () => {
  it('goes on behind deleted records, until there is a row or no more', async () => {
    const { rows, asked } = list([{ next: 'b', version: 5 }, { next: 'd', version: 5 }, { next: 'f', version: 5, pk: 'e' }], 'a')
    expect(await rows).toMatchObject({ rows: [{ pk: 'e' }], hasMore: true })
    expect(asked).toEqual(['a', 'b', 'd'])
    expect(await list([{ next: 'b', version: 5 }, { next: null, version: 5 }]).rows).toEqual({ rows: [], hasMore: false })
  })

  it('begins anew when somebody has written between two calls, so that it shows one moment', async () => {
    const { rows, asked } = list([{ next: 'b', version: 5 }, { next: null, version: 6, pk: 'c' }, { next: 'a', version: 6, pk: 'a' }])
    expect(await rows).toMatchObject({ rows: [{ pk: 'a' }] })
    expect(asked).toEqual([undefined, 'b', undefined])
  })

  it('gives up when that happens again and again', async () => {
    let version = 0
    await expect(listConvex(REQUEST, async () => ({ rows: [], next: 'b', version: version++ }))).rejects.toThrow('written to all the time')
    expect(version).toBe(20)
  })
})
