import type { Mutant } from './mutant.ts'

/** A mutant without its file. Its own `tests`, if given, replace the shared ones. */
type FileMutant = Omit<Mutant, 'file' | 'tests'> & Partial<Pick<Mutant, 'tests'>>

/** Makes the mutants of one file, so that its path and tests are written only once. */
export function inFile(file: string, tests: Mutant['tests'], mutants: readonly FileMutant[]): Mutant[] {
  return mutants.map(mutant => ({ file, tests, ...mutant }))
}
