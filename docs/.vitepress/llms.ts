import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DOCS, GROUPS, PAGES } from './pages'

/** The list of pages for language models (llmstxt.org): each with one line, and a link to its Markdown. */
export function llmsText(base: string): string {
  const groups = GROUPS.map(({ title, pages }) => {
    const lines = pages.map(({ path, title: name, about }) => `- [${name}](${base}${path}.md): ${about}`)
    return [`## ${title}`, '', ...lines, ''].join('\n')
  })
  return ['# or3-sync', '', '> Local-first sync for Nuxt: an app reads and writes Dexie, and every edit reaches every tab, device and member of the workspace.', '', ...groups].join('\n')
}

/** Writes `llms.txt` into the built site, and the Markdown of each page beside its HTML. */
export function writeForModels(outDir: string, base: string): void {
  writeFileSync(join(outDir, 'llms.txt'), llmsText(base))
  for (const { path } of PAGES) {
    const target = join(outDir, `${path}.md`)
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(join(DOCS, `${path}.md`), target)
  }
}
