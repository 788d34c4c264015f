import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The result of a test run. `broken`: it failed, but not because a test failed. */
export type TestRun =
  | { kind: 'green', tests: number }
  | { kind: 'red', file: string, test: string, message: string, seed?: string }
  | { kind: 'broken', reason: string }

interface JsonReport {
  testResults: {
    name: string
    message?: string
    assertionResults: { fullName: string, status: string, failureMessages?: string[] }[]
  }[]
}

/** A run of one mutant's tests that takes longer than this hangs, in milliseconds. */
const TIME_LIMIT_MS = 180_000
/** The timeout of each test, in milliseconds. It is longer than usual: a timeout on a busy machine must not look like a caught bug. */
const TEST_TIMEOUT_MS = 15_000

/** Runs test files that need no browser, in `folder`. With `bail` it stops at the first failure. `limitMs` must be raised for many files. */
export async function runTests(folder: string, files: readonly string[], { bail, limitMs = TIME_LIMIT_MS }: { bail: boolean, limitMs?: number }): Promise<TestRun> {
  const report = join(folder, '.mutant-report.json')
  rmSync(report, { force: true })
  const { code, output } = await vitest(folder, limitMs, ['run', '--project', 'unit', '--project', 'convex', '--project', 'module', '--project', 'module-nuxt', '--reporter=json', `--outputFile=${report}`, `--testTimeout=${TEST_TIMEOUT_MS}`, ...bail ? ['--bail=1'] : [], ...files])
  if (code === null) return { kind: 'broken', reason: `the run did not end within ${limitMs / 1000} s` }
  if (!existsSync(report)) return { kind: 'broken', reason: `vitest wrote no report:\n${output.slice(-2_000)}` }
  return read(JSON.parse(readFileSync(report, 'utf8')) as JsonReport, folder, code, output)
}

function read({ testResults }: JsonReport, folder: string, code: number, output: string): TestRun {
  for (const { name, assertionResults } of testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed')
    if (!failed) continue
    const message = failed.failureMessages?.join('\n') ?? ''
    return { kind: 'red', file: relative(folder, name), test: failed.fullName.trim(), message, seed: /\bseed[ :=]+(\d+)/i.exec(message)?.[1] }
  }
  // A file that cannot be loaded has no failed test. A mutant that does not compile does not count as caught.
  const unloaded = testResults.find(({ message }) => message)
  if (unloaded) return { kind: 'broken', reason: `${relative(folder, unloaded.name)}: ${unloaded.message}` }
  if (code !== 0) return { kind: 'broken', reason: `red without a failed test:\n${output.slice(-2_000)}` }
  const tests = testResults.reduce((sum, { assertionResults }) => sum + assertionResults.filter(({ status }) => status === 'passed').length, 0)
  return tests > 0 ? { kind: 'green', tests } : { kind: 'broken', reason: 'no test ran' }
}

function vitest(folder: string, limitMs: number, args: readonly string[]): Promise<{ code: number | null, output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(folder, 'node_modules/vitest/vitest.mjs'), ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CI: 'true' } })
    let output = ''
    let timedOut = false
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, limitMs)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code: timedOut ? null : code ?? 1, output })
    })
  })
}
