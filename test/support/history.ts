import { expect } from 'vitest'
import type { SyncSchema } from 'or3-sync/schema'
import { NO_FAULTS } from '../../src/testing/index'
import { checkAtRest, isAtRest } from '../../src/testing/simulation/rest-checks'
import type { SimDevice } from '../../src/testing/simulation/sim-device'
import type { EditRequest, SimTab } from '../../src/testing/simulation/sim-tab'
import { simSchema } from '../../src/testing/simulation/sim-schema'
import { SimWorld, type SimWorldOptions } from '../../src/testing/simulation/sim-world'

/** A history that a test tells step by step: real engines in a world in which only that goes wrong which the test says. */
export class History {
  readonly world: SimWorld

  constructor(options: Pick<SimWorldOptions, 'checksConsistency' | 'backend'> = {}) {
    this.world = new SimWorld({ seed: 1, faults: NO_FAULTS, ...options })
  }

  device(userId: string): SimDevice {
    return this.world.device({ userId })
  }

  /** One transaction of the app, a moment after whatever was before. Resolves to whether it committed. */
  edit(tab: SimTab, ...requests: EditRequest[]): Promise<boolean> {
    this.world.time.jump(1)
    return this.world.finish(tab.edit(requests))
  }

  /** The user gives the refused edit up. */
  async discard(tab: SimTab): Promise<void> {
    const { opId } = tab.device.outbox().find(({ status }) => status === 'failed')!.ops[0]!
    await this.world.finish(tab.engine.queue.discard(opId))
    this.world.journal.edits.get(this.world.journal.ofOp(opId)!)!.discardedBy.add(tab.device.name)
  }

  /** Lets time go on until `holds`; fails with the end of the log. */
  async until(holds: () => boolean, ms = 120_000): Promise<void> {
    expect(await this.world.run(ms, holds), this.world.lines.slice(-40).join('\n')).toBe(true)
  }

  /** Whether a device has sent and fetched everything. */
  isLevel(device: SimDevice): boolean {
    return isAtRest(device, this.world.oracle.version(device.workspaceId))
  }

  level(...devices: SimDevice[]): Promise<void> {
    return this.until(() => devices.every(device => this.isLevel(device)))
  }

  /** Until every device with a tab has everything; then nothing may be lost and all must agree. */
  async rest(): Promise<void> {
    await this.until(() => this.world.devices.every(device => !device.tabs.length || this.isLevel(device)), 300_000)
    await checkAtRest(this.world)
  }

  /** Closes every tab of a device and opens one that runs another version of the app. */
  async reopen(device: SimDevice, schema: SyncSchema): Promise<SimTab> {
    for (const tab of [...device.tabs]) await this.world.finish(device.close(tab))
    return device.open({ schema })
  }

  close(): Promise<void> {
    return this.world.close()
  }
}

export const put = (pk: string, more: Partial<EditRequest> = {}): EditRequest => ({ kind: 'put', tableName: 'items', pk, ...more })
export const remove = (pk: string, more: Partial<EditRequest> = {}): EditRequest => ({ kind: 'delete', tableName: 'items', pk, ...more })

/** `table/pk:edit` of every row that a device has. */
export function shown(device: SimDevice): string[] {
  return [...device.records().values()].flatMap(({ tableName, row }) => row ? [`${tableName}/${row.id}:${row.edit}`] : []).sort()
}

type Tables = typeof simSchema.tables

/** Another version of the app, with these of the simulation's tables; `changes` may give a table another schema. */
export function appVersion(version: number, tables: readonly (keyof Tables)[], changes: { [K in keyof Tables]?: Partial<Tables[K]> } = {}): SyncSchema {
  const entries = tables.map(name => [name, { ...simSchema.tables[name], ...changes[name] }])
  return { version, tables: Object.fromEntries(entries), steps: [] }
}
