import type { LargeTableTimes } from '../page/large-table.ts'
import { type SubjectName, withSubject } from '../subject-page.ts'

/** Measures one round in a browser of its own. Nothing is sent meanwhile. */
export async function measureLargeTables(origin: string, name: SubjectName, rows: number): Promise<LargeTableTimes> {
  return await withSubject(origin, name, async subject => await subject.largeTable(rows))
}
