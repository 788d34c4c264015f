import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { writeDigest } from '../../../playground/server/utils/digest'
import { loadPlaygroundServer } from '../../support/load-playground-server'

const ID = 'morning-digest'
let server: ReturnType<typeof loadPlaygroundServer>
let run: () => Promise<unknown>

beforeEach(async () => {
  server = loadPlaygroundServer({ writeDigest, workspaceIds: () => ['empty', 'w'] })
  run = (await import('../../../playground/server/tasks/notes/digest') as unknown as { default: { run: () => Promise<unknown> } }).default.run
})
afterEach(() => vi.unstubAllGlobals())

const put = async (id: string, updated_at: number) => { await server.sync.write('w', [{ table: 'posts', put: { id, title: id, updated_at } }]) }

describe('the task that writes the note of the day', () => {
  it('writes one note, only where there are others, and changes it only when it says something else', async () => {
    expect(await run()).toEqual({ result: { written: 0 } })
    await put('a', Date.now())
    await put('b', 1)
    expect([await run(), await run()]).toEqual([{ result: { written: 1 } }, { result: { written: 0 } }])
    const note = { id: ID, title: 'Today', content: 'Good morning! There are 2 notes here. 1 has changed since yesterday.' }
    expect(await server.sync.get('w', 'posts', ID)).toMatchObject({ ...note, clock: 1 })
    expect(await server.sync.list('empty', 'posts')).toMatchObject({ rows: [] })

    await server.sync.write('w', [{ table: 'posts', delete: 'b' }])
    expect(await run()).toEqual({ result: { written: 1 } })
    expect(await server.sync.get('w', 'posts', ID)).toMatchObject({ content: 'Good morning! There is 1 note here. 1 has changed since yesterday.', clock: 2 })
  })

  it('leaves alone what users have made of the note', async () => {
    await put('a', 1)
    await run()
    await server.sync.write('w', [{ table: 'posts', update: { id: ID, title: 'Mine', color: 'rose', pinned: true } }])
    await put('b', 1)
    await run()
    expect(await server.sync.get('w', 'posts', ID)).toMatchObject({ title: 'Mine', color: 'rose', pinned: true, content: expect.stringContaining('2 notes') as string })
  })

  it('goes on with the other workspaces when one fails', async () => {
    await put('a', 1)
    vi.spyOn(server.sync, 'list').mockRejectedValueOnce(new Error('the disk is full'))
    expect(await run()).toEqual({ result: { written: 1 } })
    expect(server.errors).toEqual(['[digest] no note for workspace empty'])
  })
})
