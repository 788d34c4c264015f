import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runHostile } from './load/hostile/run-hostile.ts'
import { LoadRun } from './load/load-run.ts'
import { bundleServer, ServerProcess } from './load/server-process.ts'
import { makeSmallDisk } from './load/small-disk.ts'

/**
 * `npm run load -- [--subscribers 1000] [--workspaces 50] [--rate 200] [--seconds 60] [--fault-seconds 20] [--disk 16777216]`
 *
 * Runs a gateway with SQLite in another process, and readers and writers in this one. First the load is steady. Then the server is killed
 * and restarted twice under the same load. Then its disk is full for a while. Exit code 1 when a record is missing.
 *
 * `npm run load -- --hostile [--case-seconds 10] [--only F36,F40] [--compare <folder of another checkout>]`
 *
 * Measures how long others have to wait for what one user (within the default limits) or the operator does. Exit code 1 when it is too long.
 */
const { values: options } = parseArgs({
  options: {
    'subscribers': { type: 'string', default: '1000' },
    'workspaces': { type: 'string', default: '50' },
    'rate': { type: 'string', default: '200' },
    'seconds': { type: 'string', default: '60' },
    'fault-seconds': { type: 'string', default: '20' },
    'disk': { type: 'string', default: String(16 * 1024 * 1024) },
    'hostile': { type: 'boolean', default: false },
    'case-seconds': { type: 'string', default: '10' },
    'only': { type: 'string' },
    'compare': { type: 'string' },
  },
})

async function main(): Promise<boolean> {
  if (options.hostile) return await runHostile({ seconds: readCount('case-seconds'), only: options.only?.split(','), compare: options.compare })
  const script = await bundleServer()
  const [rate, seconds, faultSeconds] = [readCount('rate'), readCount('seconds'), readCount('fault-seconds')]
  const size = { subscribers: readCount('subscribers'), workspaces: readCount('workspaces') }
  const folder = await mkdtemp(join(tmpdir(), 'or3-load-'))
  const results: boolean[] = []
  try {
    const server = new ServerProcess(script, join(folder, 'store.sqlite'))
    await server.start()
    const run = new LoadRun(server, size)
    await run.connect()
    await run.pusher.run(rate, seconds)
    results.push(await run.conclude(`steady: ${rate} pushes a second for ${seconds} s`))
    const pushing = run.pusher.run(rate, faultSeconds)
    for (let kills = 0; kills < 2; kills++) {
      await new Promise(resolve => setTimeout(resolve, faultSeconds * 300))
      await server.kill()
      await server.start()
    }
    await pushing
    results.push(await run.conclude(`kill -9 and restart, twice, during ${faultSeconds} s`))
    await run.stop()
  }
  finally { await rm(folder, { recursive: true, force: true }) }
  results.push(await fillDisk(script, size, rate))
  return results.every(Boolean)
}

async function fillDisk(script: string, size: { subscribers: number, workspaces: number }, rate: number): Promise<boolean> {
  const disk = await makeSmallDisk(readCount('disk'))
  const server = new ServerProcess(script, join(disk.folder, 'store.sqlite'))
  // A run that is interrupted must not leave a file system mounted.
  const cleanUp = () => void server.kill().then(() => disk.remove()).finally(() => process.exit(1))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, cleanUp)
  try {
    await server.start({ maxBytes: disk.maxBytes })
    const run = new LoadRun(server, size)
    await run.connect()
    // Push until the disk is full, so that pushes wait which the server refuses.
    while (!run.ledger.refused.has('503')) await run.pusher.run(rate, 1)
    await run.pusher.run(rate, 2)
    const { waiting } = run.pusher
    const readable = await run.readStore()
    print(`  disk full (${disk.kind} of ${options.disk} bytes): ${run.ledger.count} acknowledged, ${waiting} waiting, all acknowledged readable: ${readable}\n`)
    disk.enlarge()
    if (disk.kind === 'quota') {
      await server.kill()
      await server.start()
    }
    const concluded = await run.conclude('disk full, and space again')
    await run.stop()
    return readable && waiting > 0 && concluded
  }
  finally {
    await server.kill()
    await disk.remove()
  }
}

function readCount(name: keyof typeof options): number {
  const count = Number(options[name])
  if (!Number.isInteger(count) || count < 1) throw new Error(`--${name} is "${options[name]}"; give a whole number from 1`)
  return count
}

function print(text: string): void {
  process.stdout.write(text)
}

process.exitCode = await main() ? 0 : 1
