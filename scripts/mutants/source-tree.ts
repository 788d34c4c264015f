import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tokensOf, type Token } from './tokens.ts'

/** A file of the repository and its text, in which some edits of a mutant may already be made. */
export interface Source {
  file: string
  text: string
}

/** A mutant's code is searched for in these folders. `test/` is not one of them, because a mutant breaks the code and not its tests. */
const TOP_FOLDERS = ['src', 'server', 'convex', 'scripts', 'playground']
/** Folders without source of ours. Folders whose name begins with a dot are left out, too. */
const FOREIGN_FOLDERS = ['node_modules', 'dist', 'coverage']
const SOURCE_FILE = /\.(?:[cm]?[jt]s|vue|sql)$/
const TYPESCRIPT_FILE = /\.[cm]?ts$/
/** Left out of the search, because the mutants quote the source. */
const QUOTES = 'scripts/mutants/'

/** The source of one folder. Each file is read once and split into tokens once, so make a new tree when files have changed. */
export class SourceTree {
  readonly #folder: string
  readonly #texts = new Map<string, string | undefined>()
  readonly #tokens = new Map<string, Token[]>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** @returns nothing when there is no such file. */
  read(file: string): string | undefined {
    if (!this.#texts.has(file)) {
      const path = join(this.#folder, file)
      this.#texts.set(file, existsSync(path) ? readFileSync(path, 'utf8') : undefined)
    }
    return this.#texts.get(file)
  }

  /** The other files of the same top folder, by their paths from the root of the repository. */
  filesBeside(file: string): string[] {
    const top = file.split('/')[0]!
    if (!TOP_FOLDERS.includes(top)) return []
    return this.#list(top).filter(other => other !== file && !other.startsWith(QUOTES))
  }

  /** @returns nothing when the file is not TypeScript. */
  tokens({ file, text }: Source): readonly Token[] | undefined {
    if (!TYPESCRIPT_FILE.test(file)) return undefined
    const known = this.#tokens.get(text) ?? tokensOf(text)
    this.#tokens.set(text, known)
    return known
  }

  #list(folder: string): string[] {
    const path = join(this.#folder, folder)
    if (!existsSync(path)) return []
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      const inside = `${folder}/${entry.name}`
      if (entry.isDirectory()) return entry.name.startsWith('.') || FOREIGN_FOLDERS.includes(entry.name) ? [] : this.#list(inside)
      return SOURCE_FILE.test(entry.name) ? [inside] : []
    })
  }
}
