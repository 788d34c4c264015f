import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { branchesOfCode, type Branch } from '../../../../scripts/sim-coverage/branches-of-code'
import { takenBranches } from '../../../../scripts/sim-coverage/taken-branches'

let folder: string
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'or3-sim-coverage-')) })
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

/** Loads the module and runs it in a thread of its own, and hands back what V8 has counted. Vitest would change the code. */
const RUN = `
  import { Session } from 'node:inspector/promises'
  import { parentPort, workerData } from 'node:worker_threads'
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const { run } = await import(workerData)
  await run()
  const { result } = await session.post('Profiler.takePreciseCoverage')
  parentPort.postMessage(result.find(({ url }) => url === workerData).functions)
`

let modules = 0

/** Runs the code, whose \`run\` is called, and says which of its branches were taken: \`kind\` or \`kind: code\`, each with \`+\` or \`-\`. */
async function taken(code: string): Promise<string[]> {
  const file = join(folder, `code-${++modules}.mjs`)
  writeFileSync(file, code)
  const functions = await new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(RUN)}`), { workerData: pathToFileURL(file).href })
    worker.once('message', resolve).once('error', reject)
  })
  const branches = branchesOfCode(code)
  const indexes = new Set(takenBranches(branches, functions as Parameters<typeof takenBranches>[1]))
  return branches.map((branch, index) => `${indexes.has(index) ? '+' : '-'} ${nameOf(branch)}`)
}

function nameOf({ kind, code }: Branch): string {
  return code === undefined ? kind : `${kind}: ${code}`
}

/** The branches of a function `f`, which is called with each of the arguments. */
async function takenIn(f: string, ...calls: string[]): Promise<string[]> {
  const code = `${f}\nexport const run = async () => { ${calls.map(call => `await f(${call});`).join(' ')} }\n`
  const all = await taken(code)
  expect(all.at(-1)).toBe('+ function')
  return all.slice(0, -1)
}

describe('the branches that a run takes', () => {
  it('are both ways of an if, also where it has no else', async () => {
    const f = 'function f(a) { if (a) { return 1 } return 2 }'
    expect(await takenIn(f, 'true')).toEqual(['+ function', '+ then', '- no else'])
    expect(await takenIn(f, 'false')).toEqual(['+ function', '- then', '+ no else'])
    expect(await takenIn(f, 'true', 'false')).toEqual(['+ function', '+ then', '+ no else'])
    expect(await takenIn('function f(a) { if (a) return 1; else return 2 }', '0')).toEqual(['+ function', '- then', '+ else'])
  })

  it('are both ways of an if whose condition waits', async () => {
    const f = 'async function f(a) { if (await a) { return 1 } return 2 }'
    expect(await takenIn(f, 'true')).toEqual(['+ function', '+ then', '- no else'])
    expect(await takenIn(f, 'false')).toEqual(['+ function', '- then', '+ no else'])
  })

  it('are none of an if that waits for ever', async () => {
    const code = 'async function f() { if (await new Promise(() => {})) { return 1 } return 2 }\nexport const run = () => { void f() }'
    expect((await taken(code)).slice(0, 3)).toEqual(['+ function', '- then', '- no else'])
  })

  it('are both ways of a conditional', async () => {
    expect(await takenIn('const f = a => a ? \'x\' : \'y\'', '1')).toEqual(['+ function', '+ true: \'x\'', '- false: \'y\''])
  })

  it.each([
    ['&&', '0', '1'],
    ['||', '1', '0'],
    ['??', '1', 'null'],
  ])('are both ways of %s', async (operator, decides, goesOn) => {
    const f = `const f = (a, b) => a ${operator} b`
    expect(await takenIn(f, `${decides}, 1`)).toEqual(['+ function', '- right side: b', '+ left decides: a'])
    expect(await takenIn(f, `${goesOn}, 1`)).toEqual(['+ function', '+ right side: b', '- left decides: a'])
  })

  it('are those of each operator in a chain', async () => {
    const f = 'const f = (a, b, c) => a && b && c'
    const chain = (...signs: string[]) => ['function', 'right side: c', 'left decides: b', 'right side: b', 'left decides: a'].map((name, index) => `${signs[index]} ${name}`)
    expect(await takenIn(f, '0, 0, 0')).toEqual(chain('+', '-', '-', '-', '+'))
    expect(await takenIn(f, '1, 0, 0')).toEqual(chain('+', '-', '+', '+', '-'))
    expect(await takenIn(f, '1, 1, 0')).toEqual(chain('+', '+', '-', '+', '-'))
  })

  it('are the cases of a switch that have code, loops that run, and errors that are caught', async () => {
    const f = 'function f(a) { switch (a) { case 1: case 2: return 1; case 3: return 2; default: return 3 } }'
    expect(await takenIn(f, '1', '4')).toEqual(['+ function', '+ case', '- case', '+ case'])
    expect(await takenIn('function f(a) { for (const b of a) b() }', '[]')).toEqual(['+ function', '- loop'])
    expect(await takenIn('function f(a) { try { a() } catch { return 1 } }', 'String')).toEqual(['+ function', '- catch'])
    expect(await takenIn('function f(a) { try { a() } catch { return 1 } }', 'null')).toEqual(['+ function', '+ catch'])
  })

  it('are none in a function that nobody calls', async () => {
    const code = 'class A { used() { return 1 } unused(a) { return () => a ? 1 : 2 } }\nexport const run = () => new A().used()'
    expect(await taken(code)).toEqual(['+ function', '- function', '- function', '- true: 1', '- false: 2', '+ function'])
  })

  it('cannot be told for a function that was compiled before the counting began', () => {
    const ran = { functionName: 'f', isBlockCoverage: false, ranges: [{ startOffset: 0, endOffset: 20, count: 1 }] }
    expect(() => takenBranches([{ at: 10 }], [ran])).toThrow('the function at 0 ran, but its blocks were not counted')
  })
})
