import type { Bench } from '../bench.ts'
import type { Measure } from '../samples.ts'

/** An empty device until it holds as many rows as `countOf` says. The subject checks that it has them. The device is kept for the measures that open it again. */
export function measureBootstrap(id: string, countOf: (bench: Bench) => number): Measure {
  return async (bench, name) => ({ [id]: [await bench.bootstrapDevice(name, countOf(bench))] })
}
