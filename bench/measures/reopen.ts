import { type Bench, expectHeld } from '../bench.ts'
import type { Samples } from '../samples.ts'
import { LARGE } from '../sizes.ts'
import type { SubjectName } from '../subject-name.ts'

/** A device that holds many rows and is opened again in a new browser: until one row was read by its key, and until nothing is left to do. */
export async function measureReopen(bench: Bench, name: SubjectName): Promise<Samples> {
  const count = bench.rows * LARGE
  const { workspace, keys } = await bench.filled(name, count)
  const profile = await bench.device(name, count)
  return await bench.withSubject(name, async (subject) => {
    const { row, idle } = await subject.reopen(workspace, keys[0]!)
    await expectHeld(subject, count)
    return { 'reopen-row': [row], 'reopen-idle': [idle] }
  }, { profile })
}
