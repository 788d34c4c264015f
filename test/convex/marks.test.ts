import { beforeEach, describe, expect, it } from 'vitest'
import { api, openDeployment } from './support/open-deployment'
import type { TestDeployment } from './support/open-deployment'
import { wireOp } from './support/wire-op'

describe('B4: a mark of another provider', () => {
  let deployment: TestDeployment
  beforeEach(async () => { deployment = await openDeployment() })

  it.each(['d41d8cd9-8f00-4204-a980-0998ecf8427e', '1.a, 1.a', ''])('%s is ignored: it refuses nothing, and does not say that the store was restored', async (mark) => {
    const ada = deployment.withIdentity({ subject: 'ada' })
    expect(await ada.mutation(api.sync.push, { workspaceId: 'w1', ops: [wireOp()], mark })).toMatchObject({ applied: 1 })
    const again = await ada.mutation(api.sync.push, { workspaceId: 'w1', ops: [], mark })
    expect(again.restored).toBeUndefined()
    expect(await ada.query(api.sync.pull, { workspaceId: 'w1', cursor: 0, limit: 10, mark })).toMatchObject({ requiresRescan: false, changes: [{ serverVersion: 1 }] })
  })
})
