import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { SimDevice } from '../../../src/testing/simulation/sim-device'
import type { EditRequest, SimTab } from '../../../src/testing/simulation/sim-tab'
import { appVersion, History, put, remove, shown } from '../../support/history'

let history: History
let one: SimDevice
let two: SimDevice
let three: SimDevice
let a: SimTab
let b: SimTab
beforeEach(() => {
  history = new History()
  one = history.device('ann')
  two = history.device('bob')
  three = history.device('cem')
})
afterEach(() => history.close())

const draft = (flags: Pick<EditRequest, 'secret'> = {}): EditRequest => ({ kind: 'put', tableName: 'drafts', pk: 'a', ...flags })
const removeDraft: EditRequest = { kind: 'delete', tableName: 'drafts', pk: 'a' }
/** Cannot read rows of today: an edit of more than two characters is too long for it. */
const narrow = z.object({ id: z.string(), edit: z.string().max(2), parent: z.string().nullable() }).catchall(z.unknown())
const narrowApp = appVersion(1, ['items', 'drafts'], { items: { schema: narrow as never } })
const wholeApp = appVersion(2, ['items', 'drafts'])
const setAside = (device: SimDevice) => device.quarantine().map(({ reason, change, isLost }) => [reason, change.payload?.edit, isLost === true])
const mayWrite = (userId: string, may: boolean) => history.world.members.set(userId, 'w1', may ? 'editor' : 'viewer')

/** The store is restored from before the last edits, and whoever made those is a new device. */
async function loseWith(device: SimDevice, restore: () => Promise<void>): Promise<void> {
  device.wipe()
  await history.until(() => history.world.checks.wipes > 0)
  await restore()
}

describe('a put that is set aside because of a private row, when the store is restored from before it and its maker is gone', () => {
  beforeEach(async () => {
    a = one.open()
    b = two.open()
    await history.rest()
    await history.edit(b, draft({ secret: true }))
    await history.rest()
  })

  async function lose(): Promise<void> {
    const restore = history.world.backUp()!
    await history.edit(a, draft())
    await history.rest()
    await loseWith(one, restore)
    three.open()
    await history.rest()
  }

  it.each([
    ['the private row is deleted', removeDraft, ['drafts/a:e2']],
    ['the private row is public', draft(), ['drafts/a:e3']],
  ])('is not lost: it waits there, and the store has it again, or what was chosen over it, when %s', async (_, edit, rows) => {
    await lose()
    expect([setAside(two), shown(three)]).toEqual([[['excluded', 'e2', true]], []])
    await history.edit(b, edit)
    await history.rest()
    expect([shown(one), shown(two), shown(three), setAside(two)]).toEqual([rows, rows, rows, []])
  })

  it('waits through a reload and through a walk over everything', async () => {
    await lose()
    two.crash(b)
    b = two.open()
    await history.rest()
    const { rescans } = two
    await b.engine.rescan()
    await history.until(() => two.rescans > rescans)
    await history.rest()
    await history.edit(b, removeDraft)
    await history.rest()
    expect([shown(two), shown(three)]).toEqual([['drafts/a:e2'], ['drafts/a:e2']])
  })
})

describe.each([['put', put('x'), ['items/x:e2']], ['delete', remove('x'), []]] as const)('a %s that waits here for the answer to a push, when the store is restored from before it and its maker is gone', (_, edit, rows) => {
  it('is sent again by this device once the answer is there', async () => {
    a = one.open()
    b = two.open()
    await history.rest()
    const restore = history.world.backUp()!
    b.provider.losePushReplies = Infinity
    await history.edit(b, put('x'))
    await history.until(() => shown(one).length === 1)
    await history.edit(a, edit)
    await history.until(() => two.quarantine().length === 1)
    expect(setAside(two)).toMatchObject([['unanswered', undefined, false]].map(([reason, , isLost]) => [reason, edit.kind === 'put' ? 'e2' : undefined, isLost]))
    await loseWith(one, restore)
    await history.until(() => setAside(two).some(([, , isLost]) => isLost))
    b.provider.losePushReplies = 0
    three.open()
    await history.rest()
    expect([shown(one), shown(two), shown(three), setAside(two)]).toEqual([rows, rows, rows, []])
  })
})

describe('a put that is set aside, lost by the store, and queued again by its maker', () => {
  it('is the store\'s again: once that has forgotten it, it does not wait here any more', async () => {
    a = one.open()
    b = two.open()
    await history.rest()
    await history.edit(b, draft({ secret: true }))
    await history.rest()
    const restore = history.world.backUp()!
    await history.edit(a, draft())
    await history.rest()
    one.setOnline(false)
    await restore()
    await history.level(two)
    expect(setAside(two)).toEqual([['excluded', 'e2', true]])
    one.setOnline(true)
    await history.rest()
    expect(setAside(two)).toEqual([['excluded', 'e2', false]])
    two.crash(b)
    await history.edit(a, removeDraft)
    await history.rest()
    history.world.time.jump(40 * 24 * 3_600_000)
    await history.world.finish(history.world.gateway.gc())
    b = two.open()
    await history.rest()
    expect(setAside(two)).toEqual([])
  })
})

describe('a put that is set aside because this app cannot read it, when the store is restored from before it and its maker is gone', () => {
  beforeEach(async () => {
    a = one.open()
    b = two.open({ schema: narrowApp })
    await history.rest()
    for (let count = 1; count < 7; count++) await history.edit(a, put('x'))
    await history.edit(a, put('a'))
    await history.rest()
  })

  async function lose(restore: () => Promise<void>): Promise<void> {
    await history.until(() => setAside(two).length > 0)
    await loseWith(one, restore)
    three.open()
    await history.until(() => setAside(two).some(([, , isLost]) => isLost))
  }

  it('is in the store again once an app can read it', async () => {
    await history.edit(a, put('x'))
    await history.edit(a, put('x'))
    await history.rest()
    const restore = history.world.backUp()!
    await history.edit(a, put('b'))
    await lose(restore)
    await history.reopen(two, narrowApp)
    await history.rest()
    expect([setAside(two), shown(three)]).toEqual([[['schema', 'e10', true]], ['items/a:e7', 'items/x:e9']])
    await history.reopen(two, wholeApp)
    await history.rest()
    const rows = ['items/a:e7', 'items/b:e10', 'items/x:e9']
    expect([shown(two), shown(three), setAside(two)]).toEqual([rows, rows, []])
  })

  /** One edit of the record is refused here, and another, made elsewhere, stands beside it. */
  const refusals = {
    'by the store': async () => {
      mayWrite('bob', false)
      two.setOnline(false)
      await history.edit(b, remove('a'))
      two.setOnline(true)
      await history.until(() => two.outbox().some(({ status }) => status === 'failed'))
      await history.edit(a, put('a'))
    },
    'by this app': async () => {
      await history.edit(a, put('x'))
      two.setOnline(false)
      await history.edit(a, put('a'))
      await history.edit(b, put('a'))
      two.setOnline(true)
    },
  }

  it.each([['by the store', 10], ['by this app', 11]] as const)('waits until an edit of the record that was refused %s is given up', async (by, last) => {
    await refusals[by]()
    await history.until(() => two.outbox().some(({ failure }) => failure?.remote?.payload?.edit === 'e9'))
    const restore = history.world.backUp()!
    await history.edit(a, put('a'))
    await lose(restore)
    b = await history.reopen(two, wholeApp)
    mayWrite('bob', true)
    await history.until(() => b.engine.status.get().state === 'idle' && history.isLevel(two))
    expect([setAside(two), shown(three)[0]]).toEqual([[['schema', `e${last}`, true]], 'items/a:e9'])
    await history.discard(b)
    await history.rest()
    const row = `items/a:e${last}`
    expect([shown(two)[0], shown(three)[0], setAside(two)]).toEqual([row, row, []])
  })
})
