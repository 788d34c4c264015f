import { describe, expect, it } from 'vitest'
import { NO_FAULTS, simulate, type SimulateOptions } from '../../../src/testing/index'
import { terseReply } from '../../../src/testing/simulation/terse-reply'
import { withStrangeChange } from '../../../src/testing/simulation/strange-changes'
import { SeededRandom } from '../../../src/testing/simulation/seeded-random'

const playLog = async (seed: number, faults: SimulateOptions['faults']) => (await simulate({ seed, faults: { ...NO_FAULTS, ...faults } })).log.join('\n')

describe('a history whose rows not every version of the app takes', () => {
  it('has rows that wait in quarantine, and edits that the store refuses, which are retried or discarded', async () => {
    let log = ''
    for (const seed of [1, 2, 3, 4]) log += await playLog(seed, { oddRows: 1, upgrade: 0.03, settle: 0.2 })
    expect(log).toMatch(/fails this app's schema and waits in quarantine: payload\.mood/)
    expect(log).toMatch(/VALIDATION_ERROR: payload\.mood/)
    expect(log).toMatch(/OVERSIZED: payload/)
    expect(log).toMatch(/ (retry|discard): items/)
  }, 60_000)

  it('has drafts that one version keeps on their device', async () => {
    const log = await playLog(3, { oddRows: 1, upgrade: 0.05 })
    for (const scope of ['v1', 'v2', 'turns', 'fails']) expect(log).toMatch(new RegExp(`drafts/. scope ${scope}`))
  }, 60_000)
})

it('a history with bulk writes has transactions of many rows', async () => {
  expect(await playLog(1, { bulk: 0.1 })).toMatch(/items\/bulk0.*items\/bulk23/)
}, 60_000)

it('a history with strange changes has some in quarantine', async () => {
  expect(await playLog(5, { strangeChanges: 1 })).toMatch(/a change of items "strange" fails this app's schema/)
}, 60_000)

it('a store that purges refuses what is older than the deletes it remembers', async () => {
  const { log } = await simulate({ seed: 7, faults: { purge: 1, oddRows: 0, terseAnswers: 0, strangeChanges: 0, smallPushes: 0 } })
  expect(log.join('\n')).toMatch(/the edit is older than the deletions that it remembers/)
}, 60_000)

describe('a terse answer', () => {
  const stamp = { deviceId: 'd', opId: 'o', clock: 1, hlc: '000000001:0000:ournode0' }
  const winner = { op: 'put' as const, payload: { id: 'a' }, stamp, serverVersion: 3 }

  it('leaves out what need not be said, but never that an edit was not applied, or what won', () => {
    const random = new SeededRandom(1)
    const results = Array.from({ length: 40 }, () => terseReply({ serverVersion: 3, results: [
      { opId: 'o', success: true, applied: true, serverVersion: 3 }, { opId: 'o', success: true, applied: false, serverVersion: 3, winner },
    ] }, random, { hidesRefusals: false }).results)
    expect(new Set(results.map(([taken]) => taken!.applied))).toEqual(new Set([true, undefined]))
    for (const [, lost] of results) expect(lost).toMatchObject({ success: true, applied: false, winner: { op: 'put', stamp } })
    expect(results.some(([, lost]) => lost!.winner!.payload === undefined)).toBe(true)
  })

  it('says why an edit was refused once the faults are over', () => {
    const refused = { serverVersion: 3, results: [{ opId: 'o', success: false, errorCode: 'OVERSIZED' as const, error: 'too large' }] }
    const codes = (hidesRefusals: boolean) => {
      const random = new SeededRandom(2)
      return new Set(Array.from({ length: 60 }, () => terseReply(refused, random, { hidesRefusals }).results[0]!.errorCode))
    }
    expect(codes(false)).toEqual(new Set(['OVERSIZED']))
    expect(codes(true)).toEqual(new Set(['OVERSIZED', 'SERVER_ERROR', undefined]))
  })
})

it('a strange change stands beside others, never alone', () => {
  const random = new SeededRandom(1)
  expect(Array.from({ length: 100 }, () => withStrangeChange([], random)).flat()).toEqual([])
})
