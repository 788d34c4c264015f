import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/**
 * `npm run fuzz -- [--requests 20000] [--seed N]` sends hostile requests to the gateway over real sockets. Each run prints its seed first; the
 * same seed sends the same bytes. Exit code 1 when a request did something that it must not.
 */
const { values: options } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
})

for (const name of ['requests', 'seed'] as const) {
  if (!/^\d+$/.test(options[name])) throw new Error(`--${name} is "${options[name]}"; give a whole number`)
}
process.stdout.write(`${options.requests} requests, seed ${options.seed}\n`)
const root = join(import.meta.dirname, '..')
const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'unit', 'test/unit/server/fuzz.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, OR3_FUZZ_REQUESTS: options.requests, OR3_FUZZ_SEED: options.seed },
})
child.on('close', (code) => { process.exitCode = code ?? 1 })
