import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface DocsBlock {
  /** Below `docs/`. */
  page: string
  /** Of the block's first line, counted from 1. */
  line: number
  language: 'ts' | 'vue'
  text: string
  /** The file of an app that the block is, as its first line says. */
  path?: string
  /** Behind `no-check:` in the block's opening line: why no test can check its types. */
  uncheckedBecause?: string
}

const OPENING = /^```(ts|vue)(?: no-check: (.+))?$/
const PATH = /^(?:\/\/|<!--) ([\w./[\]-]+\.\w+)(?: -->)?/

/** The TypeScript and Vue blocks of all pages but those of the internals. */
export function docsBlocks(): DocsBlock[] {
  const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md') && !name.startsWith('.vitepress'))
  return pages.sort().flatMap(blocksOf)
}

function blocksOf(page: string): DocsBlock[] {
  const lines = readFileSync(join(ROOT, 'docs', page), 'utf8').split('\n')
  return lines.flatMap((opening, index): DocsBlock[] => {
    const [, language, uncheckedBecause] = OPENING.exec(opening) ?? []
    if (!language) return []
    const block = lines.slice(index + 1, lines.indexOf('```', index))
    const path = PATH.exec(block[0] ?? '')?.[1]
    return [{ page, line: index + 2, language: language as 'ts' | 'vue', text: `${block.join('\n')}\n`, ...path && { path }, ...uncheckedBecause && { uncheckedBecause } }]
  })
}

/** The texts of files that are type-checked and tested as they are: a block that shows one needs no other check. */
export function testedFiles(): Set<string> {
  const folders = ['test/fixtures/recipes', 'test/fixtures/docs-app/testing-your-app', 'test/support', 'playground/server', 'playground/app']
  const files = folders.flatMap(folder => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter(name => /\.(?:ts|vue)$/.test(name)).map(name => join(ROOT, folder, name)))
  return new Set(files.map(file => readFileSync(file, 'utf8')))
}
