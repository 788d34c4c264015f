import { afterEach, expect, it } from 'vitest'
import { EngineHarness, until } from '../../support/engine-harness'

let world: EngineHarness
afterEach(() => world.close())

it.each(['put', 'delete'] as const)('a discarded %s that was refused to a viewer gives the record back as the store has it', async (kind) => {
  const roles: Record<string, 'editor' | 'viewer'> = { ann: 'editor' }
  world = await EngineHarness.open({ roles })
  const device = world.device('ann')
  await device.start()
  await device.whenIdle()
  await device.db.todos.put({ id: 'x', title: 'kept' })
  await device.whenIdle()
  roles.ann = 'viewer'
  if (kind === 'delete') await device.db.todos.delete('x')
  else await device.db.todos.put({ id: 'x', title: 'refused' })
  const [refused] = await until(() => device.queue.failed(), failed => failed.length === 1)
  await device.queue.discard(refused!.id)
  expect(await until(() => device.db.todos.get('x'))).toMatchObject({ title: 'kept', clock: 1 })
})
