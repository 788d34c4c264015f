import { type Bench, expectHeld } from '../bench.ts'
import type { SubjectName } from '../subject-name.ts'
import type { Samples } from '../samples.ts'

const WRITES = 200
const WARM_UP = 50

/** Puts of one row each, one after the other, while nothing is sent. */
export async function measureSingleOff(bench: Bench, name: SubjectName): Promise<Samples> {
  return await bench.withSubject(name, async (subject) => {
    await subject.open(bench.nextWorkspace(), false)
    await subject.singleWrites(WARM_UP)
    const times = await subject.singleWrites(WRITES)
    await expectHeld(subject, WARM_UP + WRITES)
    return { 'single-off': times }
  })
}
