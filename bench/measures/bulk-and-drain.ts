import { type Bench, expectHeld } from '../bench.ts'
import type { Samples } from '../samples.ts'
import type { SubjectName } from '../subject-name.ts'

/** One bulk write on a device that syncs, and the time until the store has acknowledged all of it. */
export async function measureBulkAndDrain(bench: Bench, name: SubjectName): Promise<Samples> {
  const workspace = bench.nextWorkspace()
  const samples = await bench.withSubject(name, async (subject) => {
    await subject.open(workspace, true)
    const [bulk, drain] = [await subject.bulkWrite(bench.rows), await subject.drain()]
    await expectHeld(subject, bench.rows)
    return { bulk: [bulk], drain: [drain] }
  })
  await bench.expectStored(name, workspace, bench.rows)
  return samples
}
