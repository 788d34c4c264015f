import { setTimeout as pause } from 'node:timers/promises'
import type { RunSettings } from '../run-settings.ts'
import { type SubjectName, withSubject } from '../subject-page.ts'

const SAMPLES = 40
const WARM_UP = 5
/** The pause before each sample, in milliseconds. It varies, so that samples do not fall into step with a timer of the subject. */
const pauseBefore = (sample: number) => 20 + (sample * 37) % 60

/** Milliseconds from a write on one device to its `liveQuery` on another, one value for each sample. */
export async function measurePropagation({ origin, nextWorkspace }: RunSettings, name: SubjectName): Promise<number[]> {
  const workspace = nextWorkspace()
  return await withSubject(origin, name, writer => withSubject(origin, name, async (reader) => {
    await writer.open(workspace)
    await reader.open(workspace)
    await reader.watchProbe()
    const times: number[] = []
    for (let sample = 1; sample <= WARM_UP + SAMPLES; sample++) {
      await pause(pauseBefore(sample))
      const seen = reader.probeSeen(sample)
      const written = await writer.writeProbe(sample)
      if (sample > WARM_UP) times.push(await seen - written)
      else await seen
    }
    return times
  }))
}
