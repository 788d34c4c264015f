import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { generateTokenKeys } from '../server/lib/tokens/generate-token-keys.ts'
import { bundleConvex } from './bundle-convex.ts'

/**
 * `npm run test:convex` runs the Convex suites. With `CONVEX_SELF_HOSTED_URL` and `CONVEX_SELF_HOSTED_ADMIN_KEY` set, it pushes `convex/` to
 * that deployment and runs them there; otherwise on the loopback. Use a deployment for tests: the suites add data to it and set its
 * `OR3_SYNC_JWKS` to a new key.
 */
const ROOT = join(import.meta.dirname, '..')
const { CONVEX_SELF_HOSTED_URL: url, CONVEX_SELF_HOSTED_ADMIN_KEY: adminKey } = process.env
const packageFile = createRequire(import.meta.url).resolve
const CONVEX_CLI = join(dirname(packageFile('convex/package.json')), 'bin/main.js')
const VITEST_CLI = join(dirname(packageFile('vitest/package.json')), 'vitest.mjs')
/** The suites that also run on a real deployment, because they need neither injected faults nor counts of reads. */
const ON_REAL = ['test/convex/provider.test.ts', 'test/convex/direct-sync.test.ts']

async function main(): Promise<number> {
  if (!url !== !adminKey) {
    say(`${url ? 'CONVEX_SELF_HOSTED_ADMIN_KEY' : 'CONVEX_SELF_HOSTED_URL'} is missing: both name a real deployment, neither means the loopback`)
    return 2
  }
  if (!url) {
    const code = await run(VITEST_CLI, ['run', '--project', 'convex'], ROOT)
    say('The Convex suites ran on the LOOPBACK (convex-test behind Convex\'s wire protocol), not on a real deployment.')
    return code
  }
  const { privateKey, jwksDataUri } = await generateTokenKeys()
  const folder = await bundleConvex()
  for (const args of [['env', 'set', 'OR3_SYNC_JWKS', jwksDataUri, '--force'], ['deploy', '--yes', '--typecheck', 'disable', '--codegen', 'disable']]) {
    const code = await run(CONVEX_CLI, args, folder)
    if (code !== 0) return code
  }
  const code = await run(VITEST_CLI, ['run', '--project', 'convex', ...ON_REAL], ROOT, {
    OR3_CONVEX_TEST_URL: url, OR3_CONVEX_TEST_ADMIN_KEY: adminKey!, OR3_CONVEX_TEST_TOKEN_KEY: privateKey,
  })
  say(`The Convex suites ran on the real deployment at ${url}; what needs faults or counts was skipped.`)
  return code
}

async function run(script: string, args: string[], cwd: string, env: Record<string, string> = {}): Promise<number> {
  const child = spawn(process.execPath, [script, ...args], { cwd, env: { ...process.env, ...env }, stdio: 'inherit' })
  return await new Promise((resolve, reject) => child.once('error', reject).once('close', code => resolve(code ?? 1)))
}

function say(line: string): void {
  process.stdout.write(`\n${line}\n`)
}

process.exitCode = await main()
