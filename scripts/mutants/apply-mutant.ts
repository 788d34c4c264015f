import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { editsOf, type Mutant } from './mutant.ts'

interface MutatedFile {
  original: string
  mutated: string
}

/**
 * Puts a mutant's bug into a copy of the repository.
 *
 * @returns what takes it out again.
 * @throws Error when a text to replace does not stand in its file exactly once: the source has moved on, the mutant has not.
 */
export function applyMutant(folder: string, mutant: Mutant): () => void {
  const files = mutate(folder, mutant)
  for (const [path, { mutated }] of files) writeFileSync(path, mutated)
  return () => { for (const [path, { original }] of files) writeFileSync(path, original) }
}

/** What is wrong with mutants that do not fit the source of a folder, a line for each. Nothing is written. */
export function findMisfits(folder: string, mutants: readonly Mutant[]): string[] {
  return mutants.flatMap((mutant) => {
    try {
      mutate(folder, mutant)
      return []
    }
    catch (error) { return [(error as Error).message] }
  })
}

/** Every file a mutant touches, by its path. */
function mutate(folder: string, mutant: Mutant): Map<string, MutatedFile> {
  const files = new Map<string, MutatedFile>()
  for (const { file, replace: [found, put] } of editsOf(mutant)) {
    const path = join(folder, file)
    if (!existsSync(path)) throw new Error(`${mutant.id}: there is no file ${file}`)
    const { original, mutated } = files.get(path) ?? asItIs(readFileSync(path, 'utf8'))
    const times = mutated.split(found).length - 1
    if (times !== 1) throw new Error(`${mutant.id}: in ${file} this text stands ${times} times, it must stand there once:\n    ${found}`)
    // A function: `$` in the text is no pattern.
    files.set(path, { original, mutated: mutated.replace(found, () => put) })
  }
  return files
}

function asItIs(text: string): MutatedFile {
  return { original: text, mutated: text }
}
