import type { IDBFactory } from 'fake-indexeddb'
import type { SyncSchema } from 'or3-sync/schema'
import type { EngineHarness, TodoEngine } from './engine-harness'
import type { todoSchema } from './todo-schema'

/** A device whose app declares other tables than the harness knows: rows are reached by `db.table(name)`. */
export function deviceOf(world: EngineHarness, user: string, schema: unknown, options: Omit<Parameters<EngineHarness['device']>[1] & object, 'schema'> = {}): TodoEngine {
  return world.device(user, { ...options, schema: schema as typeof todoSchema })
}

export async function started(device: TodoEngine): Promise<TodoEngine> {
  await device.start()
  await device.whenIdle()
  return device
}

/** The same device after a reload with another version of the app. */
export async function reloadedWith(world: EngineHarness, device: TodoEngine, user: string, schema: unknown, options: Parameters<typeof deviceOf>[3] = {}): Promise<TodoEngine> {
  await device.close()
  return deviceOf(world, user, schema, { indexedDB: device.indexedDB as IDBFactory, ...options })
}

export function asSchema(schema: unknown): SyncSchema {
  return schema as SyncSchema
}
