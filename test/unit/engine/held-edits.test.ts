import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness } from '../../support/engine-harness'
import { asSchema, deviceOf, started } from '../../support/schema-versions'

let isReady = false
const schema = defineSyncSchema({ version: 1, tables: { notes: { schema: z.object({ id: z.string() }), primaryKey: 'id', capture: () => isReady } } })

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open({ schema: asSchema(schema) }) })
afterEach(() => world.close())

describe('a held edit', () => {
  it('is asked again by a flush, also one that comes while the outbox is being read', async () => {
    for (let round = 0; round < 5; round++) {
      isReady = false
      const ann = await started(deviceOf(world, 'ann', schema))
      await ann.db.table('notes').put({ id: `${round}` })
      isReady = true
      await ann.flush()
      await ann.whenIdle()
      expect(ann.status.get()).toMatchObject({ pendingCount: 0 })
      await ann.close()
    }
  })
})
