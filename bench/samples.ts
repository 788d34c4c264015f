import type { Bench } from './bench.ts'
import type { SubjectName } from './subject-name.ts'

/** What one round of a measure has found: values by name, in the unit of the row that reads them. */
export type Samples = Record<string, number[]>

/** One round of a measure. @throws Error when a count is not what it has to be */
export type Measure = (bench: Bench, name: SubjectName) => Promise<Samples>
