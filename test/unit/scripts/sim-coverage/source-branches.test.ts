import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sourceBranches } from '../../../../scripts/sim-coverage/source-branches'

let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'or3-source-branches-')) })
afterEach(() => { rmSync(folder, { recursive: true, force: true }) })

const TYPED = `interface A {
  a: number
}

export function first({ a }: A): number {
  if (a > 1) return 2
  return a ? 3
    : 4
}
`
const OTHER = `export const second = (b: unknown) =>
  b ?? first({ a: 1 })
`

function bundle(): string {
  writeFileSync(join(folder, 'typed.ts'), TYPED)
  writeFileSync(join(folder, 'other.ts'), `import { first } from './typed'\n${OTHER}`)
  writeFileSync(join(folder, 'unused.ts'), 'export function unused() {}\n')
  writeFileSync(join(folder, 'types.ts'), 'export interface B { b: 1 }\n')
  const outfile = join(folder, 'bundle.mjs')
  buildSync({ entryPoints: [join(folder, 'other.ts')], outfile, bundle: true, format: 'esm', sourcemap: 'inline' })
  return outfile
}

it('the branches of a bundle are those of its sources, each with file and line', () => {
  const branches = sourceBranches(bundle(), folder, ['other.ts', 'typed.ts'])
  expect(branches.map(({ file, line, kind, text }) => `${file}:${line} ${kind}: ${text}`)).toEqual([
    'other.ts:3 function: b ?? first({ a: 1 })',
    'other.ts:3 right side: b ?? first({ a: 1 })',
    'other.ts:3 left decides: b ?? first({ a: 1 })',
    'typed.ts:5 function: export function first({ a }: A): number {',
    'typed.ts:6 then: if (a > 1) return 2',
    'typed.ts:6 no else: if (a > 1) return 2',
    'typed.ts:7 true: return a ? 3',
    'typed.ts:8 false: : 4',
  ])
})

it('a file that was not asked for is left out', () => {
  expect(new Set(sourceBranches(bundle(), folder, ['other.ts']).map(({ file }) => file))).toEqual(new Set(['other.ts']))
})

it('a file with code that is not in the bundle is an error, one of types alone is not', () => {
  const file = bundle()
  expect(sourceBranches(file, folder, ['types.ts'])).toEqual([])
  expect(() => sourceBranches(file, folder, ['unused.ts'])).toThrow('not in the bundle of the simulation: unused.ts')
})
