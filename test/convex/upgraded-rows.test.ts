import { beforeEach, describe, expect, it } from 'vitest'
import { UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import { NOW, type OpOptions } from '../../src/testing/contract/make-op'
import { api, openDeployment } from './support/open-deployment'
import type { TestDeployment } from './support/open-deployment'
import { wireOp } from './support/wire-op'

let deployment: TestDeployment
beforeEach(async () => { deployment = await openDeployment() })

const pushOps = (ops: ReturnType<typeof wireOp>[], more = {}) => deployment.withIdentity({ subject: 'ada' }).mutation(api.sync.push, { workspaceId: 'w1', ops, ...more })
const push = (options: OpOptions) => pushOps([wireOp({ table: 'tags', ...options })])
const labels = () => deployment.run(async ({ db }) => (await db.query('labels').collect()).map(({ _id, _creationTime, ...fields }) => fields))

describe('F5: on Convex a row of an earlier shape', () => {
  it('is taken, stored as it was sent, and fills the app\'s table in today\'s shape', async () => {
    const { results } = await push({ payload: { id: 'a', name: 'x' } })
    expect(results).toMatchObject([{ applied: true }])
    expect(await labels()).toEqual([{ workspace_id: 'w1', id: 'a', name: 'x', color: 'grey' }])
    const { changes } = await deployment.withIdentity({ subject: 'ada' }).query(api.sync.pull, { workspaceId: 'w1', cursor: 0, limit: 10 })
    expect(changes).toMatchObject([{ tableName: 'tags', payload: '{"id":"a","name":"x"}' }])
  })

  it('is not told as replaced by the same row of another shape', async () => {
    await push({ base: null, payload: { id: 'a', name: 'x' } })
    const same = await push({ base: null, at: 1, device: 'device-2', payload: { id: 'a', name: 'x', color: 'grey' } })
    const other = await push({ base: null, at: 2, device: 'device-3', payload: { id: 'a', name: 'x', color: 'red' } })
    expect([same, other].map(({ results }) => results[0]!.overwrote !== undefined)).toEqual([false, true])
  })
})

describe('F4: on Convex', () => {
  it('a renamed table goes by its wire name, and follows in the app\'s table by its own', async () => {
    await push({ payload: { id: 'a', name: 'x' } })
    await push({ op: 'delete', clock: 2 })
    expect(await labels()).toEqual([])
    expect(await pushOps([wireOp({ table: 'labels', payload: { id: 'a', name: 'x' } })])).toMatchObject({ results: [{ success: false, error: 'tableName: unknown table "labels"' }] })
  })

  it('a row that an upgrade made is not refused for its age, and gives way to every edit without a conflict', async () => {
    const made = wireOp({ table: 'tags', base: null, payload: { id: 'a', name: 'made' } })
    const upgraded = { ...made, stamp: { ...made.stamp, hlc: UPGRADED_HLC } }
    expect((await pushOps([upgraded], { purgedBefore: NOW })).results).toMatchObject([{ applied: true }])
    const forged = { ...upgraded, pk: 'b', payload: JSON.stringify({ id: 'b', name: 'forged' }), stamp: { ...upgraded.stamp, clock: 9 } }
    expect((await pushOps([forged])).results, 'F11: no other clock stands with that HLC').toMatchObject([{ success: false, errorCode: 'VALIDATION_ERROR' }])
    const { results: [written] } = await push({ base: null, at: 1, payload: { id: 'a', name: 'written' } })
    expect([written?.applied, written?.overwrote]).toEqual([true, undefined])
  })
})
