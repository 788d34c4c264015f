import type { LargeTableTimes } from '../page/large-table.ts'
import { type SubjectName, withSubject } from '../subject-page.ts'

/** One round in a browser of its own: nothing is sent meanwhile. */
export async function measureLargeTables(origin: string, name: SubjectName, rows: number): Promise<LargeTableTimes> {
  return await withSubject(origin, name, async subject => await subject.largeTable(rows))
}
