import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'pathe'

const SOURCE = /\.(?:[cm]?[jt]s|vue)$/
const NOT_OURS = new Set(['node_modules', '.nuxt', '.output', '.git', 'dist', 'public'])

/** A source file of the app. */
export interface AppFile {
  path: string
  text: string
}

/** The source files in these folders and below. A folder that does not exist has none. */
export function filesIn(folders: readonly string[]): AppFile[] {
  return [...new Set(folders)].flatMap(folder => entriesOf(folder).flatMap((entry): AppFile[] => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesIn([path])
    return SOURCE.test(entry.name) ? [{ path, text: readFileSync(path, 'utf8') }] : []
  }))
}

function entriesOf(folder: string) {
  try { return readdirSync(folder, { withFileTypes: true }) }
  catch { return [] }
}
