import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { createSyncGateway, memoryBackend } from 'or3-sync/server'
import type { SyncGateway } from 'or3-sync/server'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import schema from '../../../playground/shared/sync.schema'
import { RECIPES } from '../../support/start-recipe'

const load = async <T>(file: string) => await import(/* @vite-ignore */ pathToFileURL(`${RECIPES}server-writes/server/${file}`).href) as T
let sync: SyncGateway

beforeEach(() => {
  sync = createSyncGateway({ schema, backend: memoryBackend(), session: () => null })
  // What Nitro imports by itself.
  vi.stubGlobal('useSyncGateway', () => sync)
  vi.stubGlobal('defineTask', (task: unknown) => task)
})
afterEach(() => vi.unstubAllGlobals())

it('the loop with an expectation loses no change, whoever writes at the same time', async () => {
  const { changeNote } = await load<{ changeNote: (workspaceId: string, id: string, change: (content: string) => string) => Promise<unknown> }>('utils/change-note.ts')
  expect(await changeNote('team', 'n', content => content)).toBeUndefined()
  await sync.write('team', [{ table: 'posts', put: { id: 'n', title: 'Tally' } }])
  await Promise.all(Array.from({ length: 30 }, () => changeNote('team', 'n', content => `${content}|`)))
  expect(await sync.get('team', 'posts', 'n')).toMatchObject({ title: 'Tally', content: '|'.repeat(30), clock: 31 })
  await expect(changeNote('team', 'n', () => { throw new Error('of the app') })).rejects.toThrow('of the app')
  await expect(changeNote('team', 'n', () => 7 as never)).rejects.toMatchObject({ code: 'VALIDATION_ERROR', field: 'content' })
})

it('the task makes one note a day', async () => {
  const { default: task } = await load<{ default: { run: () => Promise<{ result: string }> } }>('tasks/notes/daily.ts')
  const { result } = await task.run()
  expect(await task.run()).toEqual({ result })
  expect((await sync.list('team', 'posts', { prefix: 'day-' })).rows).toMatchObject([{ id: result, title: 'Today', clock: 2 }])
})

it.each(['utils/change-note.ts', 'tasks/notes/daily.ts'])('docs/server-writes.md shows %s as it is tested', (file) => {
  const docs = readFileSync(new URL('../../../docs/server-writes.md', import.meta.url), 'utf8')
  expect(docs).toContain(`\`\`\`ts\n// server/${file}\n${readFileSync(`${RECIPES}server-writes/server/${file}`, 'utf8')}\`\`\``)
})
