import type { Bench } from '../bench.ts'
import type { FirstPageSubject } from '../page/subject.ts'
import type { Samples } from '../samples.ts'
import { LARGE } from '../sizes.ts'
import type { SubjectName } from '../subject-name.ts'

/** From the navigation to the newest 50 rows of a large workspace, painted, on a device that has never been there. */
export async function measureFirstPage(bench: Bench, name: SubjectName): Promise<Samples> {
  const count = bench.rows * LARGE
  const { workspace } = await bench.filled(name, count)
  const path = `first-page-${name}?workspace=${workspace}&count=${count}`
  const time = await bench.withSubject<number, FirstPageSubject>(name, async subject => await subject.painted(), { path })
  return { 'first-page': [time] }
}
