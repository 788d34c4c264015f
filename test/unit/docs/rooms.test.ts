import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { HALLS } from '../../../scripts/rooms.mjs'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PAGE = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')
const roomOf = (file: string) => file.includes('/') ? file.split('/')[0]! : ''

function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter(name => /\.(?:ts|vue)$/.test(name))
}

/** From which room to which others, for every import within the hall. */
function arrows(folder: string, rooms: readonly string[]): Map<string, Set<string>> {
  const hall = join(ROOT, folder)
  const found = new Map(rooms.map(room => [room, new Set<string>()]))
  for (const file of filesOf(folder)) {
    for (const [, path] of readFileSync(join(hall, file), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const target = relative(hall, join(hall, dirname(file), path!))
      if (!target.startsWith('..') && roomOf(target) !== roomOf(file)) found.get(roomOf(file))?.add(roomOf(target))
    }
  }
  return found
}

/** The rows of the table under the heading that names the folder. */
function tableOf(folder: string): (string | undefined)[][] {
  const section = PAGE.split(/^## /m).find(text => text.includes(`The folders of \`${folder}\``))!
  return [...section.matchAll(/^\| `([a-z]+)\/` \| .* \| ([a-z, -]+) \|$/gm)].map(([, room, uses]) => [room, uses])
}

describe.each(HALLS)('the rooms of $folder', ({ folder, rooms, faces }) => {
  it('are all that is in it, beside its faces', () => {
    const files = filesOf(folder)
    expect([...new Set(files.map(roomOf))].sort()).toEqual(['', ...rooms].sort())
    expect(files.filter(file => !roomOf(file)).sort()).toEqual(faces)
  })

  it('import from lower ones only', () => {
    for (const [room, targets] of arrows(folder, rooms)) expect(rooms.slice(0, rooms.indexOf(room)), room).toEqual(expect.arrayContaining([...targets]))
  })

  it('stand in docs/architecture.md with what they use', () => {
    expect(tableOf(folder)).toEqual([...arrows(folder, rooms)].map(([room, targets]) => [room, rooms.filter(name => targets.has(name)).join(', ') || '-']))
  })
})

it('what only stores run is no code of the client', () => {
  const client = filesOf('src/runtime').filter(file => !file.startsWith('shared/'))
  expect(client.filter(file => readFileSync(join(ROOT, 'src/runtime', file), 'utf8').includes('shared/sync/store/'))).toEqual([])
})

it('the paths by which a custom provider imports are there, wherever the files behind them move', async () => {
  const registry = await import('#or3-sync/core/sync/sync-provider-registry')
  expect(registry.registerSyncProvider).toBeTypeOf('function')
  expect(readFileSync(join(ROOT, 'src/runtime/shared/sync/types.ts'), 'utf8')).toContain('export type * from')
})
