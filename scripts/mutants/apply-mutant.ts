import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { editsOf, type Mutant } from './mutant.ts'

/**
 * Puts a mutant's bug into a copy of the repository.
 *
 * @returns what takes it out again.
 * @throws Error when a text to replace does not stand in its file exactly once: the source has moved on, the mutant has not.
 */
export function applyMutant(folder: string, mutant: Mutant): () => void {
  const originals = new Map<string, string>()
  const restore = () => { for (const [path, text] of originals) writeFileSync(path, text) }
  try {
    for (const { file, replace: [found, put] } of editsOf(mutant)) {
      const path = join(folder, file)
      if (!existsSync(path)) throw new Error(`${mutant.id}: there is no file ${file}`)
      const text = readFileSync(path, 'utf8')
      const times = text.split(found).length - 1
      if (times !== 1) throw new Error(`${mutant.id}: in ${file} this text stands ${times} times, it must stand there once:\n    ${found}`)
      if (!originals.has(path)) originals.set(path, text)
      // A function: `$` in the text is no pattern.
      writeFileSync(path, text.replace(found, () => put))
    }
  }
  catch (error) {
    restore()
    throw error
  }
  return restore
}
