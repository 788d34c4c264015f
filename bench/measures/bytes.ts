import { setTimeout as pause } from 'node:timers/promises'
import { type Bench, expectHeld } from '../bench.ts'
import { type CountedBytes, startCountingProxy } from '../counting-proxy.ts'
import type { Samples } from '../samples.ts'
import type { SubjectName } from '../subject-name.ts'

/** How long the subject may still send and receive after a drain. Rows of its own that come down again are counted, too. */
const AFTERMATH_MS = 1_500

/** Bytes for each row of a drain and of a bootstrap, counted between the browser and the server: on the connection, and unpacked. */
export async function measureBytes(bench: Bench, name: SubjectName): Promise<Samples> {
  const proxy = await startCountingProxy(bench.server.origin)
  try {
    const workspace = bench.nextWorkspace()
    const drain = await bench.withSubject(name, async (subject) => {
      await subject.open(workspace, true)
      proxy.take()
      await subject.bulkWrite(bench.rows)
      await subject.drain()
      await pause(AFTERMATH_MS)
      return proxy.take()
    }, { origin: proxy.origin })
    await bench.expectStored(name, workspace, bench.rows)
    const bootstrap = await bench.withSubject(name, async (subject) => {
      proxy.take()
      await subject.bootstrap(workspace, bench.rows)
      await expectHeld(subject, bench.rows)
      return proxy.take()
    }, { origin: proxy.origin })
    return toSamples(drain, bootstrap, bench.rows)
  }
  finally { proxy.stop() }
}

function toSamples(drain: CountedBytes, bootstrap: CountedBytes, rows: number): Samples {
  return {
    'drain-up': [drain.up.wire / rows],
    'drain-up-plain': [drain.up.plain / rows],
    'drain-down': [drain.down.wire / rows],
    'drain-down-plain': [drain.down.plain / rows],
    'bootstrap-down': [bootstrap.down.wire / rows],
    'bootstrap-down-plain': [bootstrap.down.plain / rows],
  }
}
