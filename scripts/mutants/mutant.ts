/** A known bug, put back into the source. */
export interface Mutant extends SourceEdit {
  /** `pitfall-<number>`, or a name for a bug of our own; with a letter where one is several bugs. */
  id: string
  /** The bug in one line. */
  bug: string
  /** Further edits, where the bug takes more than one. They are made after the first, in this order. */
  also?: readonly (Partial<Pick<SourceEdit, 'file'>> & Pick<SourceEdit, 'replace'>)[]
  /** Test files, one of which must turn red. */
  tests: readonly string[]
  /** The random histories alone must find it, too. */
  simulated?: true
}

export interface SourceEdit {
  /** Path from the root of the repository. An edit that has moved to another file of the same top folder is found there. */
  file: string
  /** A piece of source that stands in the file exactly once, and what stands there instead. Its comments and formatting do not matter. */
  replace: readonly [found: string, put: string]
}

const SEEDS = ['test/unit/simulation/seeds.test.ts']

/** Runs of test files, each of which must turn red. */
export function hunts({ tests, simulated }: Mutant): (readonly string[])[] {
  return simulated ? [tests, SEEDS] : [tests]
}

/** Every edit of a mutant, each with its file. */
export function editsOf({ file, replace, also = [] }: Mutant): SourceEdit[] {
  return [{ file, replace }, ...also.map(edit => ({ file: edit.file ?? file, replace: edit.replace }))]
}
