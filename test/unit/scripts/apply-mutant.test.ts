import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyMutant, checkFit, formatMove } from '../../../scripts/mutants/apply-mutant'
import type { Mutant } from '../../../scripts/mutants/mutant'

let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'or3-apply-mutant-')) })
afterEach(() => { rmSync(folder, { recursive: true, force: true }) })

function write(files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
}

function read(file: string): string {
  return readFileSync(join(folder, file), 'utf8')
}

function mutant(found: string, put: string, more: Partial<Mutant> = {}): Mutant {
  return { id: 'bug', bug: '-', file: 'src/a.ts', replace: [found, put], tests: [], ...more }
}

/** What a mutant makes of one file. */
function mutated(text: string, found: string, put: string, file = 'src/a.ts'): string {
  write({ [file]: text })
  applyMutant(folder, mutant(found, put, { file }))
  return read(file)
}

function misfits(...mutants: Mutant[]): string[] {
  return checkFit(folder, mutants).misfits
}

describe('a piece of source', () => {
  it('is found however it is formatted, and what stands around it stays', () => {
    expect(mutated('a()\nif (\n  x\n  && y\n) {\n  b()\n}\nc()\n', 'if (x && y) { b() }', 'if (x) b()')).toBe('a()\nif (x) b()\nc()\n')
  })

  it('is found whatever comments stand in it', () => {
    expect(mutated('a() // one\nb(/* two */ 1)\n// three\nc()\n', 'a()\nb(1)', 'd()')).toBe('d()\n// three\nc()\n')
    expect(mutated('a()\nb(1)\nc()\n', 'a() // one\nb(1)', 'd()')).toBe('d()\nc()\n')
  })

  it('is not found in comments and in the middle of words', () => {
    expect(mutated('// old: count(x)\nrecount(x)\ncount(x)\n', 'count(x)', 'y')).toBe('// old: count(x)\nrecount(x)\ny\n')
  })

  it('takes the whitespace around it with it, where that stands to the letter', () => {
    expect(mutated('{\n  a()\n  b()\n}\n', '  a()\n', '')).toBe('{\n  b()\n}\n')
    expect(mutated('{\n\ta(); b()\n}\n', '  a();\n', '')).toBe('{\n\t b()\n}\n')
  })

  it('is found by its exact text where it begins or ends with half a token or a comment', () => {
    expect(mutated('throw new Error(\'it failed too often\')', 'Error(\'it failed', 'Error(\'it passed')).toBe('throw new Error(\'it passed too often\')')
    expect(mutated('const FIRST_MS = 1', 'const FIRST', 'const LAST')).toBe('const LAST_MS = 1')
    expect(mutated('sql(`SET a = 1 WHERE b = ${b}`)', ' WHERE b = ', ' WHERE c = ')).toBe('sql(`SET a = 1 WHERE c = ${b}`)')
    expect(mutated('a()\n  // Why.\n  b()\n', '  // Why.', '  return\n  // Why.')).toBe('a()\n  return\n  // Why.\n  b()\n')
  })

  it('is told by its whitespace from others of the same tokens', () => {
    expect(mutated('{\n  a()\n    a()\n}\n', '    a()', '    b()')).toBe('{\n  a()\n    b()\n}\n')
    expect(mutated('return x\nreturn x.y\n', 'return x\n', 'return z\n')).toBe('return z\nreturn x.y\n')
  })

  it('may hold templates and regular expressions, which are read as in TypeScript', () => {
    expect(mutated('f( `a ${ {b: `${c}`}.b } d`,  /[\'"`]/g )\nconst e = f / 2 // `\'', 'f(`a ${ { b: `${c}` }.b } d`, /[\'"`]/g)', 'g()')).toBe('g()\nconst e = f / 2 // `\'')
    expect(mutated('const e = (a)  / 2 + \'/\'', '(a) / 2', 'a')).toBe('const e = a + \'/\'')
  })

  it('counts by its exact text in a file that is not TypeScript', () => {
    expect(mutated('<p>a  b</p>', 'a  b', 'c', 'src/a.vue')).toBe('<p>c</p>')
    expect(misfits(mutant('a b', 'c', { file: 'src/a.vue' }))).toEqual(['bug: in src/a.vue this text stands 0 times, it must stand there once:\n    a b'])
  })

  it('is put as it is written: nothing in it is a pattern', () => {
    expect(mutated('a()', 'a()', '\'$&$1$`\'')).toBe('\'$&$1$`\'')
  })

  it('does not fit when it stands more than once', () => {
    write({ 'src/a.ts': 'a( 1 )\na(1 )\n', 'src/b.ts': 'a(1)\n' })
    expect(misfits(mutant('a(1)', ''))).toEqual(['bug: in src/a.ts this text stands 2 times, it must stand there once:\n    a(1)'])
  })
})

describe('a piece of source that has moved', () => {
  it('is found in another file of the same top folder, and the move is told', () => {
    write({ 'src/a.ts': 'a()\n', 'src/new/b.ts': '  if ( x )\n    b()\n' })
    const moved = mutant('if (x) b()', 'c()')
    const { moves } = checkFit(folder, [moved])
    expect(checkFit(folder, [moved]).misfits).toEqual([])
    expect(moves.map(formatMove)).toEqual(['moved: bug, from src/a.ts, to src/new/b.ts'])
    const restore = applyMutant(folder, moved)
    expect(read('src/new/b.ts')).toBe('  c()\n')
    restore()
    expect(read('src/new/b.ts')).toBe('  if ( x )\n    b()\n')
    expect(read('src/a.ts')).toBe('a()\n')
  })

  it('is found when its file is gone', () => {
    write({ 'server/b.ts': 'b()\n' })
    const gone = mutant('b()', 'c()', { file: 'server/lib/a.ts' })
    expect(checkFit(folder, [gone])).toEqual({ misfits: [], moves: [{ id: 'bug', from: 'server/lib/a.ts', to: 'server/b.ts' }] })
    applyMutant(folder, gone)
    expect(existsSync(join(folder, 'server/lib/a.ts'))).toBe(false)
  })

  it('may have moved for some of a mutant\'s edits only, and later edits see the earlier ones', () => {
    write({ 'src/a.ts': 'a()\n', 'src/b.ts': 'b()\nc()\n' })
    const several = mutant('a()', 'a(1)', { also: [{ replace: ['b()', 'd()'] }, { replace: ['d() c()', 'e()'] }] })
    expect(checkFit(folder, [several])).toEqual({ misfits: [], moves: [{ id: 'bug', from: 'src/a.ts', to: 'src/b.ts' }] })
    const restore = applyMutant(folder, several)
    expect([read('src/a.ts'), read('src/b.ts')]).toEqual(['a(1)\n', 'e()\n'])
    restore()
    expect([read('src/a.ts'), read('src/b.ts')]).toEqual(['a()\n', 'b()\nc()\n'])
  })

  it('does not fit when it stands in several other files, or in one of them twice', () => {
    write({ 'src/a.ts': '', 'src/b.ts': 'b()\nc()\nc()\n', 'src/d.ts': 'b()\n' })
    const asToday = (found: string) => `bug: in src/a.ts this text stands 0 times, it must stand there once:\n    ${found}`
    expect(misfits(mutant('b()', ''), mutant('c()', ''), mutant('e()', ''))).toEqual([asToday('b()'), asToday('c()'), asToday('e()')])
  })

  it('is not looked for in other top folders, installed packages, builds, and the mutants themselves', () => {
    write({ 'server/b.ts': 'b()\n', 'src/node_modules/b.ts': 'b()\n', 'src/.nuxt/b.ts': 'b()\n', 'scripts/mutants/b.ts': 'b()\n' })
    expect(misfits(mutant('b()', ''), mutant('b()', '', { file: 'scripts/a.ts' }), mutant('b()', '', { file: 'b.ts' }))).toEqual([
      'bug: there is no file src/a.ts',
      'bug: there is no file scripts/a.ts',
      'bug: there is no file b.ts',
    ])
  })

  it('is found by its exact text, too, when it cuts a token', () => {
    write({ 'src/a.ts': '', 'src/b.ts': 'throw new Error(\'it failed too often\')' })
    applyMutant(folder, mutant('it failed', 'it passed'))
    expect(read('src/b.ts')).toBe('throw new Error(\'it passed too often\')')
  })
})
