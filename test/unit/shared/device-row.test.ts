import { expect, it } from 'vitest'
import { idleDevices, isAhead, moveDevice } from '#or3-sync/shared/sync/store/device-row'

it('a device is ahead only where the workspace has not come', () => {
  expect([isAhead(4, 5), isAhead(5, 5), isAhead(6, 5), isAhead(0, 0)]).toEqual([false, false, true, false])
})

it('a device moves upward only, and is heard of whenever it reports', () => {
  expect(moveDevice(undefined, { version: 3, now: 10 })).toEqual({ cursor: 3, seenAt: 10 })
  expect(moveDevice({ cursor: 3 }, { version: 5, now: 20 })).toEqual({ cursor: 5, seenAt: 20 })
  expect(moveDevice({ cursor: 5 }, { version: 3, now: 30 })).toEqual({ cursor: 5, seenAt: 30 })
  expect(moveDevice({}, { version: 0, now: 40 }), 'of a version that did not note cursors').toEqual({ cursor: 0, seenAt: 40 })
})

it('those heard of longest ago go for one that is new', () => {
  expect(idleDevices(['c', 'b', 'a'], 4)).toEqual([])
  expect(idleDevices(['c', 'b', 'a'], 3)).toEqual(['a'])
  expect(idleDevices(['c', 'b', 'a'], 1)).toEqual(['c', 'b', 'a'])
  expect(idleDevices([], 1)).toEqual([])
})
