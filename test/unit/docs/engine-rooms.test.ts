import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ENGINE_ROOMS } from '../../../scripts/engine-rooms.mjs'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const ENGINE = join(ROOT, 'src/runtime/core/sync')
const files = readdirSync(ENGINE, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
const roomOf = (file: string) => file.includes('/') ? file.split('/')[0]! : ''

/** From which room to which others, for every import within the engine. */
function arrows(): Map<string, Set<string>> {
  const found = new Map(ENGINE_ROOMS.map(room => [room, new Set<string>()]))
  for (const file of files) {
    for (const [, path] of readFileSync(join(ENGINE, file), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const target = relative(ENGINE, join(ENGINE, dirname(file), path!))
      if (!target.startsWith('..') && roomOf(target) !== roomOf(file)) found.get(roomOf(file))?.add(roomOf(target))
    }
  }
  return found
}

describe('the rooms of the engine', () => {
  it('are all that is in its folder, beside its one face', () => {
    expect([...new Set(files.map(roomOf))].sort()).toEqual(['', ...ENGINE_ROOMS].sort())
    expect(files.filter(file => !roomOf(file))).toEqual(['create-sync-engine.ts'])
  })

  it('import from lower ones only', () => {
    for (const [room, targets] of arrows()) expect(ENGINE_ROOMS.slice(0, ENGINE_ROOMS.indexOf(room)), room).toEqual(expect.arrayContaining([...targets]))
  })

  it('stand in docs/architecture.md with what they use', () => {
    const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')
    const rows = [...page.matchAll(/^\| `([a-z]+)\/` \| .* \| ([a-z, -]+) \|$/gm)].map(([, room, uses]) => [room, uses])
    expect(rows).toEqual([...arrows()].map(([room, targets]) => [room, ENGINE_ROOMS.filter(name => targets.has(name)).join(', ') || '-']))
  })
})
