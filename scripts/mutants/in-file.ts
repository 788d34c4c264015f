import type { Mutant } from './mutant.ts'

/** A mutant without what it shares with others of its file. `tests` of its own count instead of the shared ones. */
type FileMutant = Omit<Mutant, 'file' | 'tests'> & Partial<Pick<Mutant, 'tests'>>

/** The mutants of one file, so that its path is written once. */
export function inFile(file: string, tests: Mutant['tests'], mutants: readonly FileMutant[]): Mutant[] {
  return mutants.map(mutant => ({ file, tests, ...mutant }))
}
