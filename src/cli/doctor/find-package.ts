import { readFileSync } from 'node:fs'
import { dirname, join } from 'pathe'

export interface FoundPackage {
  version: string
  folder: string
}

/** Finds an installed package as Node does: in `node_modules` of this folder, and of those above it. Null: it is not installed. */
export function findPackage(name: string, from: string): FoundPackage | null {
  for (let folder = from, above = ''; folder !== above; above = folder, folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name)
    try { return { version: (JSON.parse(readFileSync(join(found, 'package.json'), 'utf8')) as { version: string }).version, folder: found } }
    catch { /* It is not here. */ }
  }
  return null
}
