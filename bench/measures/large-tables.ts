import type { Bench } from '../bench.ts'
import type { LargeTableTimes } from '../page/large-table.ts'
import type { LargeTableSubject } from '../page/subject.ts'
import type { SubjectName } from '../subject-name.ts'

/** Measures one round in a browser of its own. Nothing is sent meanwhile. */
export async function measureLargeTables(bench: Bench, name: SubjectName): Promise<LargeTableTimes> {
  return await bench.withSubject<LargeTableTimes, LargeTableSubject>(name, async subject => await subject.largeTable(bench.rows))
}
