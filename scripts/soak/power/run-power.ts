import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleSoak } from '../bundle-soak.ts'
import type { Synchronous } from '../server/server-options.ts'
import { buildShim, whyNoShim } from './build-shim.ts'
import { PowerRun, type PowerOptions, type PowerTotals } from './power-run.ts'
import type { StoreContent } from './store-content.ts'

/**
 * Cuts the power of the server with the store's own `synchronous=FULL`, then with NORMAL and OFF, and prints what each has lost.
 *
 * @returns whether FULL has lost nothing, NORMAL no more than the newest writes, and the shim is proved to lose something with OFF. Also true,
 * after saying so, where the shim cannot be built.
 */
export async function runPower({ cuts, seed, print }: { cuts: number, seed: number, print: (text: string) => void }): Promise<boolean> {
  const problem = whyNoShim()
  if (problem) {
    print(`SKIPPED: no power was cut, because ${problem}\n`)
    return true
  }
  const library = buildShim()
  const serverScript = await bundleSoak('server/soak-server.ts')
  const { readStore } = await import(await bundleSoak('power/store-reader.ts')) as { readStore: (path: string) => Promise<StoreContent> }
  const folder = await mkdtemp(join(tmpdir(), 'or3-power-'))
  const outcomes: Partial<Record<Synchronous, PowerTotals>> = {}
  try {
    for (const synchronous of ['FULL', 'NORMAL', 'OFF'] as const) {
      const options: PowerOptions = { synchronous, seed, folder, serverScript, readStore, library, cuts }
      const run = new PowerRun(options)
      const startedAt = performance.now()
      outcomes[synchronous] = await run.run()
      print(describe(synchronous, run, (performance.now() - startedAt) / 1_000))
    }
  }
  finally { await rm(folder, { recursive: true, force: true }) }
  const verdict = judge(outcomes as Record<Synchronous, PowerTotals>)
  print(`${verdict ? `FAILED: ${verdict}` : 'HELD: no acknowledged write was lost with synchronous=FULL'} (seed ${seed})\n`)
  return verdict === null
}

function describe(synchronous: Synchronous, { totals, complaints }: PowerRun, seconds: number): string {
  const { cuts, inStart, calls, syncs, acknowledged, lost, torn, holes, damaged, broken } = totals
  return `synchronous=${synchronous}: ${cuts} cuts (${inStart} of them while the server started) in ${seconds.toFixed(0)} s; ${calls} calls recorded, ${syncs} of them syncs\n`
    + `  ${acknowledged} pushes acknowledged, ${lost} of them lost; ${torn} in the store in part, ${holes} missing below the store's version, ${damaged} older records damaged, ${broken} stores broken\n`
    + complaints.slice(0, 3).map(complaint => `  ${complaint}\n`).join('')
}

/** @returns what did not hold; null: everything did */
function judge({ FULL, NORMAL, OFF }: Record<Synchronous, PowerTotals>): string | null {
  if (FULL.lost + FULL.torn + FULL.holes + FULL.damaged + FULL.broken > 0) return 'synchronous=FULL has lost or damaged something'
  if (FULL.acknowledged === 0) return 'nothing was acknowledged'
  if (NORMAL.torn + NORMAL.holes + NORMAL.damaged + NORMAL.broken > 0) return 'synchronous=NORMAL has lost more than the newest writes'
  if (OFF.lost + OFF.broken === 0) return 'synchronous=OFF has lost nothing, so the cuts prove nothing'
  return null
}
