import type { RunSettings } from '../run-settings.ts'
import { type SubjectName, withSubject } from '../subject-page.ts'

/** Milliseconds; `single` is one value for each write. */
export interface WriteTimes {
  single: number[]
  bulk: number
  drain: number
  bootstrap: number
}

const SINGLE_WRITES = 200
const WARM_UP = 50

/** Measures one round: single writes, then a bulk write and its drain, then the bootstrap of a new device with those rows. */
export async function measureWrites({ origin, rows, nextWorkspace }: RunSettings, name: SubjectName): Promise<WriteTimes> {
  const single = await withSubject(origin, name, async (subject) => {
    await subject.open(nextWorkspace())
    await subject.singleWrites(WARM_UP)
    return await subject.singleWrites(SINGLE_WRITES)
  })
  const workspace = nextWorkspace()
  const { bulk, drain } = await withSubject(origin, name, async (subject) => {
    await subject.open(workspace)
    return { bulk: await subject.bulkWrite(rows), drain: await subject.drain() }
  })
  const bootstrap = await withSubject(origin, name, subject => subject.bootstrap(workspace, rows))
  return { single, bulk, drain, bootstrap }
}
