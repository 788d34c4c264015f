import { beforeEach, describe, expect, it } from 'vitest'
import { NO_FAULTS, simulate } from '../../../src/testing/index'
import { memoryBackend } from 'or3-sync/server'
import type { BackendPull, BackendPush } from 'or3-sync/server'
import { passOn } from '../../../src/testing/pass-on'

let pulls: { limit: number, order: BackendPull['order'] }[]
let pushes: BackendPush[]
beforeEach(() => { [pulls, pushes] = [[], []] })

function watchedBackend() {
  const backend = memoryBackend()
  return {
    ...passOn(backend),
    pull: (request: BackendPull) => {
      pulls.push(request)
      return backend.pull(request)
    },
    push: (request: BackendPush) => {
      pushes.push(request)
      return backend.push(request)
    },
  }
}

const opsOf = () => pushes.map(({ items }) => items.length)

describe('a history whose store is small', () => {
  it('has pages of the feed with at most 3 changes', async () => {
    await simulate({ seed: 4, backend: watchedBackend, faults: { ...NO_FAULTS, smallPages: 1 } })
    expect(Math.max(...pulls.flatMap(({ order, limit }) => order === 'asc' ? limit : []))).toBeLessThanOrEqual(3)
  }, 60_000)

  it('has pushes of at most 3 ops, so that larger transactions are sent in parts', async () => {
    const { log } = await simulate({ seed: 4, backend: watchedBackend, faults: { ...NO_FAULTS, smallPushes: 1 } })
    expect(Math.max(...opsOf())).toBeLessThanOrEqual(3)
    expect(log.filter(line => / sends \d+ edits in \d+ parts$/.test(line))).not.toEqual([])
  }, 60_000)
})
