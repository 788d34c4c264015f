import { type Bench, expectHeld } from '../bench.ts'
import type { Samples } from '../samples.ts'
import { isLocalOnly, type SubjectName } from '../subject-name.ts'

/** One bulk write on a device that syncs, and the time until the store has acknowledged all of it. Of a subject that does not sync, the write alone. */
export async function measureBulkAndDrain(bench: Bench, name: SubjectName): Promise<Samples> {
  const workspace = bench.nextWorkspace()
  if (isLocalOnly(name)) return await measureBulk(bench, name)
  const samples = await bench.withSubject(name, async (subject) => {
    await subject.open(workspace, true)
    const [bulk, drain] = [await subject.bulkWrite(bench.rows), await subject.drain()]
    await expectHeld(subject, bench.rows)
    return { bulk: [bulk], drain: [drain] }
  })
  await bench.expectStored(name, workspace, bench.rows)
  return samples
}

async function measureBulk(bench: Bench, name: SubjectName): Promise<Samples> {
  return await bench.withSubject(name, async (subject) => {
    await subject.open(bench.nextWorkspace(), false)
    const bulk = await subject.bulkWrite(bench.rows)
    await expectHeld(subject, bench.rows)
    return { bulk: [bulk] }
  })
}
