/** A known bug that is put back into the source to see whether a test finds it. */
export interface Mutant extends SourceEdit {
  /** `pitfall-<number>`, or a name for a bug of our own. A letter at the end distinguishes several bugs of one kind. */
  id: string
  /** The bug in one line. */
  bug: string
  /** Further edits, if the bug needs more than one. They are made after the first, in this order. */
  also?: readonly (Partial<Pick<SourceEdit, 'file'>> & Pick<SourceEdit, 'replace'>)[]
  /** Test files. At least one of them must fail. */
  tests: readonly string[]
  /** The simulation alone must find it, too. */
  simulated?: true
}

export interface SourceEdit {
  /** Path from the root of the repository. An edit that has moved to another file of the same top folder is found there. */
  file: string
  /** A piece of source that occurs exactly once in the file, and its replacement. Comments and formatting of the piece do not matter. */
  replace: readonly [found: string, put: string]
}

const SEEDS = ['test/unit/simulation/seeds.test.ts']

/** The test runs for a mutant, as lists of test files. Each run must fail. */
export function hunts({ tests, simulated }: Mutant): (readonly string[])[] {
  return simulated ? [tests, SEEDS] : [tests]
}

/** Every edit of a mutant, each with its file. */
export function editsOf({ file, replace, also = [] }: Mutant): SourceEdit[] {
  return [{ file, replace }, ...also.map(edit => ({ file: edit.file ?? file, replace: edit.replace }))]
}
