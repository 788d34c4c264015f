import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import { memoryBackend, type SyncBackend } from 'or3-sync/server'
import { describe, expect, it } from 'vitest'
import { NO_FAULTS, shrinkHistory, simulate, SimulationError, type SimulateOptions } from '../../../src/testing/index'

/** Says that it has deleted, and has not. */
function forgetfulBackend(): SyncBackend {
  const backend = memoryBackend()
  const push = backend.push.bind(backend)
  backend.push = async (request) => {
    const outcome = await push({ ...request, items: request.items.filter(item => !isDelete(item)) })
    if (outcome.status !== 'pushed') return outcome
    const { serverVersion } = outcome
    const results = [...outcome.results]
    return { ...outcome, results: request.items.map(item => isDelete(item) ? { opId: item.stamp.opId, success: true, applied: true, serverVersion } : results.shift()!) }
  }
  return backend
}

function isDelete(item: PushItem): item is Extract<PushItem, { kind: 'op' }> {
  return item.kind === 'op' && item.op === 'delete'
}

describe('a history that fails', () => {
  it('shrinks to the few steps that it takes, and fails with them in the same way', async () => {
    const options: SimulateOptions = { seed: 1, devices: 2, tabs: 1, ops: 12, guests: 0, faults: { ...NO_FAULTS, drop: 0.05, delay: 0.03 }, backend: forgetfulBackend }
    const smaller: number[] = []
    const { steps, error } = await shrinkHistory(options, { maxRuns: 40, onSmaller: found => smaller.push(found.length) })
    expect(steps.length).toBeLessThanOrEqual(4)
    expect(smaller).toEqual([...smaller].sort((x, y) => y - x))
    const again = await simulate({ ...options, steps }).then(() => null, (thrown: unknown) => thrown as SimulationError)
    expect(again).toBeInstanceOf(SimulationError)
    expect(again!.report.log).toEqual(error.report.log)
    await expect(simulate({ ...options, steps, backend: memoryBackend })).resolves.toBeDefined()
  }, 60_000)

  it('is the only one that shrinks', async () => {
    await expect(shrinkHistory({ seed: 1, devices: 1, tabs: 1, ops: 2, faults: NO_FAULTS })).rejects.toThrow(RangeError)
  })
})

describe('a part of a history', () => {
  it('does in each of its steps what the whole history does there', async () => {
    const edits = async (steps?: number[]) => (await simulate({ seed: 5, devices: 1, tabs: 1, ops: 6, guests: 0, faults: NO_FAULTS, steps })).log.flatMap(line => / begins (.*)/.exec(line)?.[1]?.replace(/e\d+ /g, '') ?? [])
    const whole = await edits()
    expect(await edits([1, 4])).toEqual([whole[1], whole[4]])
  })
})
