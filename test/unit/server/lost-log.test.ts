import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterEach, beforeEach, expect, it } from 'vitest'

/** A server that logs also what nobody catches, as Nitro does, and takes a moment to stop. Its exit code counts what nobody caught. */
const SERVER = `
import { jsonLogger } from './server/lib/observe/json-logger'
const logger = jsonLogger()
let uncaught = 0
process.on('uncaughtException', (error) => {
  uncaught++
  logger.error('uncaught', { error })
})
process.on('SIGTERM', () => {
  logger.info('stopping')
  setTimeout(() => process.exit(Math.min(uncaught, 100)), 100)
})
setInterval(() => {}, 1_000)
logger.info('started')
`

let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'or3-log-')) })
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('F62: a server whose log nobody reads any more works on, and ends when it is told to', async () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const outfile = join(folder, 'server.mjs')
  await build({ stdin: { resolveDir: root, loader: 'ts', contents: SERVER }, bundle: true, platform: 'node', format: 'esm', outfile, alias: { '#or3-sync': join(root, 'src/runtime') }, logLevel: 'silent' })
  const child = spawn(process.execPath, [outfile], { stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    await once(child.stderr, 'data')
    child.stderr.destroy()
    await new Promise(resolve => setTimeout(resolve, 300))
    expect([child.exitCode, child.signalCode], 'it goes on').toEqual([null, null])
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const outcome = await Promise.race([ended, new Promise(resolve => setTimeout(resolve, 5_000, 'it did not end'))])
    expect(outcome).toEqual([0, null])
  }
  finally { child.kill('SIGKILL') }
})
