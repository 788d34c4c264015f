import { describe, expect, it } from 'vitest'
import { KillBench } from '../../support/kill-bench'
import { BENCH_SCRIPTS, type KillScript } from './kill-scripts'

interface Kill {
  /** There was nothing left to interrupt. */
  isDone: boolean
  /** The app had been told that its edit is stored. */
  promised: boolean
  /** The rows that the device ends up with. */
  future: string
}

/** Plays a script and kills the tab after task `at` of its disk. What comes of one state of disk and store is looked at once. */
async function play({ prepare, act, check, afterwards, schema }: KillScript, at: number, futures: Map<string, string>): Promise<Kill> {
  const bench = new KillBench()
  try {
    if (prepare) await prepare(bench)
    else await bench.finish(bench.engine.db.open())
    let promised = false
    act(bench).then(() => { promised = true }, () => {})
    const isDone = await bench.run(at)
    const kill = { isDone, promised }
    bench.kill()
    bench.checkDisk()
    check?.(bench)
    const picture = bench.picture()
    let future = futures.get(picture)
    if (future === undefined) {
      bench.open(schema)
      if (afterwards) await afterwards(bench)
      await bench.rest()
      bench.checkDisk()
      futures.set(picture, future = bench.rows())
      bench.checkAgreement()
    }
    return { ...kill, future }
  }
  finally { bench.close() }
}

describe('a tab that is killed at any event of its database', () => {
  it.each(Object.entries(BENCH_SCRIPTS))('during %s loses nothing that was promised, and keeps no half of anything', async (_, script) => {
    const futures = new Map<string, string>()
    const kills: Kill[] = []
    for (let at = 0; !kills.at(-1)?.isDone; at++) kills.push(await play(script, at, futures))
    expect(kills.at(-1)!.future, 'not killed at all').toBe(script.ends)
    for (const [at, { promised, future }] of kills.entries()) {
      expect([kills[0]!.future, script.ends], `killed after task ${at}`).toContain(future)
      if (promised) expect(future, `killed after task ${at}, when it was promised`).toBe(script.ends)
    }
  }, 60_000)
})
