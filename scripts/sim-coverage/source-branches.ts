import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { relative, resolve, dirname } from 'node:path'
import { branchesOfCode, type Branch } from './branches-of-code.ts'

/** A branch of a bundle, and where it stands in the sources. */
export interface SourceBranch extends Branch {
  /** Relative to the root of the project. */
  file: string
  /** From 1. */
  line: number
  /** The text of that line. */
  text: string
}

const MAP = /\n\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/

/** Lists the branches of the given source files in a bundle with an inline source map. @param files relative to `root`. */
export function sourceBranches(bundle: string, root: string, files: readonly string[]): SourceBranch[] {
  const code = readFileSync(bundle, 'utf8')
  const map = readMap(code, bundle)
  const lines = new Map(files.map(file => [file, readFileSync(resolve(root, file), 'utf8').split('\n')]))
  const starts = lineStarts(code)
  const branches: SourceBranch[] = []
  let row = 0
  for (const branch of branchesOfCode(code).sort((a, b) => a.at - b.at)) {
    while (row + 1 < starts.length && starts[row + 1]! <= branch.at) row++
    const entry = map.findEntry(row, branch.at - starts[row]!)
    if (!('originalSource' in entry)) continue
    const file = relative(root, resolve(dirname(bundle), entry.originalSource))
    const text = lines.get(file)?.[entry.originalLine]
    if (text !== undefined) branches.push({ ...branch, file, line: entry.originalLine + 1, text: text.trim() })
  }
  checkNoneMissing(files.filter(file => !branches.some(branch => branch.file === file)), lines)
  // By file, and in a file by line.
  return branches.sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.at - b.at)
}

/** A file of the list that the bundle does not hold would look as if all of it had been reached. Files of types alone have no code. */
function checkNoneMissing(empty: readonly string[], lines: ReadonlyMap<string, readonly string[]>): void {
  const missing = empty.filter(file => lines.get(file)!.some(line => /^(?:export )?(?:async )?(?:function|class)\b/.test(line)))
  if (missing.length) throw new Error(`not in the bundle of the simulation: ${missing.join(', ')}`)
}

function readMap(code: string, bundle: string): SourceMap {
  const encoded = MAP.exec(code)?.[1]
  if (!encoded) throw new Error(`${bundle} has no inline source map`)
  return new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString()))
}

/** The offset at which each line begins. */
function lineStarts(code: string): number[] {
  const starts = [0]
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
