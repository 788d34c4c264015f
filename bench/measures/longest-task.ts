import type { Bench } from '../bench.ts'
import { longestTasks } from '../profile/longest-tasks.ts'
import type { Samples } from '../samples.ts'
import type { SubjectName } from '../subject-name.ts'

const EDITS = 50
const WARM_UP = 20
/** Long enough for an edit to be sent and acknowledged before the next one. */
const PAUSE_MS = 100

/** The longest task of the main thread that each edit causes while sync is live, from a trace of Chromium. */
export async function measureLongestTask(bench: Bench, name: SubjectName): Promise<Samples> {
  const workspace = bench.nextWorkspace()
  const tasks = await bench.withSubject(name, async (subject, page) => {
    await subject.open(workspace, true)
    await subject.spacedWrites(WARM_UP, PAUSE_MS)
    const tasks = await longestTasks(page, () => subject.spacedWrites(EDITS, PAUSE_MS))
    await subject.settle()
    return tasks
  })
  if (tasks.length !== EDITS) throw new Error(`the trace has ${tasks.length} of ${EDITS} edits`)
  await bench.expectStored(name, workspace, EDITS + WARM_UP)
  return { 'longest-task': tasks }
}
