import { setTimeout as pause } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import type { Samples } from '../samples.ts'
import type { SubjectName } from '../subject-name.ts'

const SAMPLES = 100
const WARM_UP = 10
/** The pause before each sample, in milliseconds. It varies, so that samples do not fall into step with a timer of the subject. */
const pauseBefore = (sample: number) => 20 + (sample * 37) % 60

/** Milliseconds from a write on one device to its live query on another, one value for each sample. */
export async function measurePropagation(bench: Bench, name: SubjectName): Promise<Samples> {
  const workspace = bench.nextWorkspace()
  return await bench.withSubject(name, writer => bench.withSubject(name, async (reader) => {
    await writer.open(workspace, true)
    await reader.open(workspace, true)
    await reader.watchProbe()
    const times: number[] = []
    for (let sample = 1; sample <= WARM_UP + SAMPLES; sample++) {
      await pause(pauseBefore(sample))
      const seen = reader.probeSeen(sample)
      const written = await writer.writeProbe(sample)
      const time = await seen - written
      if (sample > WARM_UP) times.push(time)
    }
    return { propagation: times }
  }))
}
