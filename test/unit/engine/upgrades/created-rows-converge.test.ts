import type { Transaction } from 'dexie'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import { EngineHarness, type TodoEngine } from '../../../support/engine-harness'
import { asSchema, deviceOf, reloadedWith, started } from '../../../support/schema-versions'

const table = { schema: z.object({ id: z.string(), text: z.string() }), primaryKey: 'id' as const }
const tables = { old: table, notes: table }
const v1 = defineSyncSchema({ version: 1, tables })
const v2 = defineSyncSchema({
  version: 2, tables,
  steps: [{ version: 2, upgrade: async (tx) => {
    const step = tx as Transaction
    // What a step changes in known rows stays on its device: it adds what is missing.
    const known = new Set(await step.table('notes').toCollection().primaryKeys())
    await step.table('notes').bulkAdd((await step.table('old').toArray()).filter(({ id }) => !known.has(id as string)))
  } }],
})

const USERS = ['ann', 'bob', 'cyd'] as const
const PKS = ['a', 'b', 'c'] as const
type Action = { who: number, kind: 'put' | 'delete' | 'upgrade' | 'sync', pk: string }
const actions = fc.array(fc.record({ who: fc.nat(USERS.length - 1), kind: fc.constantFrom('put', 'delete', 'upgrade', 'sync') as fc.Arbitrary<Action['kind']>, pk: fc.constantFrom(...PKS) }), { minLength: 3, maxLength: 14 })

/** Three devices that have the same old rows, and go on without each other except where a history says `sync`. */
class History {
  readonly devices: TodoEngine[] = []
  readonly #upgraded = new Set<number>()
  #edits = 0

  constructor(private readonly world: EngineHarness) {}

  async begin(): Promise<void> {
    for (const user of USERS) {
      const device = deviceOf(this.world, user, v1)
      if (user === 'ann') await device.db.table('old').bulkPut(PKS.map(id => ({ id, text: `of ${id}` })))
      this.devices.push(await started(device))
      await device.stop()
    }
  }

  async act({ who, kind, pk }: Action): Promise<void> {
    const notes = this.devices[who]!.db.table('notes')
    if (kind === 'put') await notes.put({ id: pk, text: `edit ${++this.#edits}` })
    else if (kind === 'delete') await notes.delete(pk)
    else if (kind === 'upgrade') await this.#upgrade(who)
    else await this.#sync(who)
  }

  async end(): Promise<void> {
    for (const who of USERS.keys()) await this.#upgrade(who)
    for (const _ of ['what each has goes', 'what the others had comes']) for (const who of USERS.keys()) await this.#sync(who)
  }

  async #upgrade(who: number): Promise<void> {
    if (this.#upgraded.has(who)) return
    this.#upgraded.add(who)
    this.devices[who] = await reloadedWith(this.world, this.devices[who]!, USERS[who]!, v2)
  }

  async #sync(who: number): Promise<void> {
    await (await started(this.devices[who]!)).stop()
  }
}

describe('F4: rows that a step creates', () => {
  it('are one revision on any devices, upgraded at any time among any edits, and never a side of a conflict', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(actions, async (history) => {
      const world = await EngineHarness.open({ schema: asSchema(v1) })
      try {
        const told = new History(world)
        await told.begin()
        for (const action of history) await told.act(action)
        await told.end()
        const [first, ...others] = await Promise.all(told.devices.map(device => device.db.table('notes').toArray()))
        for (const other of others) expect(other).toEqual(first)
        const touched = new Set(history.filter(({ kind }) => kind === 'put' || kind === 'delete').map(({ pk }) => pk))
        const created = first!.filter(({ hlc }) => hlc === UPGRADED_HLC).map(({ id }) => id as string)
        expect(created).toEqual(expect.arrayContaining(PKS.filter(pk => !touched.has(pk))))
        for (const device of told.devices) {
          const sides = (await device.conflicts.list()).flatMap(({ local, remote }) => [local.hlc, remote.hlc])
          expect(sides).not.toContain(UPGRADED_HLC)
          expect([await device.queue.pending(), await device.queue.failed()]).toEqual([[], []])
        }
      }
      finally { await world.close() }
    }), { numRuns: 10 })
  })
})
