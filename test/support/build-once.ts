import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

const ROOT = join(import.meta.dirname, '../..')

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder of the built playground: it holds `server/index.mjs`. */
    playgroundOutput: string
    /** Where `packModule` leaves the packed module for all test files. */
    packFolder: string
  }
}

/**
 * Builds the playground once for all end-to-end tests, into `.output-e2e` (beside, not over, the app's own build).
 * `OR3_E2E_OUTPUT` names a build to use instead.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const output = process.env.OR3_E2E_OUTPUT || join(ROOT, '.output-e2e')
  if (!process.env.OR3_E2E_OUTPUT) await build(output)
  const entry = join(output, 'server/index.mjs')
  if (!existsSync(entry)) throw new Error(`${entry} does not exist; OR3_E2E_OUTPUT must name the folder of a built playground, or be unset`)
  project.provide('playgroundOutput', output)
  const packFolder = await mkdtemp(join(tmpdir(), 'or3-pack-'))
  project.provide('packFolder', packFolder)
  return () => rm(packFolder, { recursive: true, force: true })
}

/** What `npm run build` does, in a process of its own (a build sets globals and NODE_ENV) and into folders of its own. */
async function build(output: string): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules/nuxt/bin/nuxt.mjs'), 'build'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', VITEST: '', OR3_BUILD_DIR: '.nuxt-e2e', OR3_OUTPUT_DIR: output, OR3_HYDRATION_DETAILS: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => { log += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { log += chunk.toString() })
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`the playground does not build:\n${log}`)
}
