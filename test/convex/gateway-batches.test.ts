import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SessionResponse } from '#or3-sync/shared/sync/protocol/types'
import { wireOp } from '../../src/testing/contract/make-op'
import type { OpOptions } from '../../src/testing/contract/make-op'
import { startTestGateway } from '../unit/server/support/test-gateway'
import type { ErrorReply, TestGateway } from '../unit/server/support/test-gateway'
import { syncSchema } from './support/deployment/sync-schema'
import { openConvexBackend } from './support/open-backend'

describe('a gateway that stores on Convex', () => {
  let server: TestGateway
  let commits: number
  beforeEach(async () => {
    const backend = await openConvexBackend()
    server = await startTestGateway({ backend, schema: syncSchema, onPushed: () => { commits++ } })
    commits = 0
  })
  afterEach(() => server.stop())

  const group = (count: number, options: OpOptions = {}, titleLength = 10) => Array.from({ length: count }, (_, index) =>
    wireOp({ pk: `row-${index}`, payload: { id: `row-${index}`, title: 'x'.repeat(titleLength) }, ...options }))
  const post = (ops: unknown[]) => server.post<ErrorReply>('/push', { scope: { workspaceId: 'w1' }, ops })
  const version = async () => (await server.pull({ limit: 1 })).latestVersion

  it('tells devices what one push may hold there', async () => {
    expect((await server.get<SessionResponse>('/session')).body.limits).toEqual({ ops: 500, bytes: 1024 * 1024, replacedBytes: 512 * 1024 })
  })

  it('stores groups of 101 and 500 ops in one transaction each, and refuses one of 501 as a whole', async () => {
    expect(await server.push(group(101))).toMatchObject({ serverVersion: 101 })
    expect(await server.push(group(500, { clock: 2 }))).toMatchObject({ serverVersion: 601 })
    expect(commits).toBe(2)
    expect(await post(group(501, { clock: 3 }))).toMatchObject({ status: 413, body: { data: { code: 'OVERSIZED', message: 'a push to this store has at most 500 ops, this one has 501' } } })
    expect(await version()).toBe(601)
  })

  it('refuses a group that replaces 600 KiB as a whole, and takes it in two', async () => {
    for (const op of group(6, { device: 'device-2' }, 100 * 1024)) await server.push([op], 'bob')
    const mine = group(6, { clock: 2, base: null })
    expect(await post(mine)).toMatchObject({ status: 413, body: { data: { code: 'OVERSIZED', message: 'the stored edits that a batch replaces or is answered with have at most 524288 bytes; send fewer ops' } } })
    expect(await version()).toBe(6)
    expect((await server.push(mine.slice(0, 3))).results.every(({ overwrote }) => overwrote?.payload)).toBe(true)
    expect(await server.push(mine.slice(3))).toMatchObject({ serverVersion: 12 })
  })
})
