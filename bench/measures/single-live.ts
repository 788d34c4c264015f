import { type Bench, expectHeld } from '../bench.ts'
import type { Samples } from '../samples.ts'
import type { SubjectName } from '../subject-name.ts'

const WRITES = 200
const WARM_UP = 50

/** The same puts while they are sent and acknowledged. */
export async function measureSingleLive(bench: Bench, name: SubjectName): Promise<Samples> {
  const workspace = bench.nextWorkspace()
  const times = await bench.withSubject(name, async (subject) => {
    await subject.open(workspace, true)
    await subject.singleWrites(WARM_UP)
    const times = await subject.singleWrites(WRITES)
    await subject.settle()
    await expectHeld(subject, WARM_UP + WRITES)
    return times
  })
  await bench.expectStored(name, workspace, WARM_UP + WRITES)
  return { 'single-live': times }
}
