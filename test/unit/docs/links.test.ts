import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import MarkdownIt from 'markdown-it'
import { describe, expect, it } from 'vitest'
import { GROUPS, PAGES } from '../../../docs/.vitepress/pages'
import { llmsText } from '../../../docs/.vitepress/llms'
import { slugify } from '../../../docs/.vitepress/slugify'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const DOCS = join(ROOT, 'docs')
const markdown = new MarkdownIt({ html: true, linkify: false })
const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md') && !name.startsWith('.vitepress'))
const sources = [...pages.map(name => join(DOCS, name)), join(ROOT, 'README.md')]

/** The anchors of a page's headings, as GitHub and the site make them. */
function anchorsOf(file: string): Set<string> {
  const anchors = new Set<string>()
  const tokens = markdown.parse(readFileSync(file, 'utf8'), {})
  tokens.forEach((token, index) => {
    if (token.type !== 'heading_open') return
    const text = tokens[index + 1]!.children!.filter(({ type }) => type === 'text' || type === 'code_inline').map(({ content }) => content).join('')
    const slug = slugify(text)
    let anchor = slug
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`
    anchors.add(anchor)
  })
  return anchors
}

/** What a page links to and shows: links, pictures, and the links in the front matter of the start page. */
function targetsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const children = markdown.parse(text, {}).flatMap(token => token.children ?? [])
  const links = children.flatMap(token => token.attrGet('href') ?? token.attrGet('src') ?? []).map(String)
  const frontMatter = /^---\n(.*?)\n---/s.exec(text)?.[1] ?? ''
  return [...links, ...[...frontMatter.matchAll(/^\s+link: (\S+)$/gm)].map(([, link]) => link!)]
}

/** What is wrong with a link, or null. Links to other sites are not followed. */
function problemOf(target: string, file: string): string | null {
  if (/^(?:https?:|mailto:)/.test(target)) return null
  const [path = '', anchor] = decodeURI(target).split('#')
  const isOfSite = path.startsWith('/')
  const found = path === '' ? file : isOfSite ? join(DOCS, `${path}.md`) : join(dirname(file), path)
  if (!existsSync(found)) return `${target}: there is no ${relative(ROOT, found)}`
  if (anchor !== undefined && !anchorsOf(found).has(anchor)) return `${target}: ${relative(ROOT, found)} has no heading for that`
  return null
}

describe('links of the docs', () => {
  it.each(sources.map(file => [relative(ROOT, file), file]))('%s: each leads to a page and a heading', (_name, file) => {
    expect(targetsOf(file).flatMap(target => problemOf(target, file) ?? [])).toEqual([])
  })

  it('a link to nothing, and one to a heading that is not there, are found', () => {
    const file = join(DOCS, 'concepts.md')
    expect(problemOf('./nowhere.md', file)).toBe('./nowhere.md: there is no docs/nowhere.md')
    expect(problemOf('./glossary.md#nothing', file)).toBe('./glossary.md#nothing: docs/glossary.md has no heading for that')
    expect(problemOf('./glossary.md#who-takes-part', file)).toBeNull()
  })
})

describe('the site', () => {
  it('has each page in its sidebar, once (docs/.vitepress/pages.ts)', () => {
    expect(PAGES.map(({ path }) => `${path}.md`).sort()).toEqual(pages.filter(name => name !== 'index.md').sort())
  })

  it('has no empty group, and one line about each page', () => {
    expect(GROUPS.filter(group => group.pages.length === 0)).toEqual([])
    expect(PAGES.filter(({ about }) => !about || about.includes('\n') || about.endsWith('.'))).toEqual([])
  })

  it('lists every page in llms.txt, below the path where it is served', () => {
    const lines = llmsText('/docs/').split('\n').filter(line => line.startsWith('- '))
    expect(lines).toHaveLength(PAGES.length)
    expect(lines).toContain('- [Tutorial](/docs/tutorial.md): From an empty Nuxt app to two devices in sync, a conflict, and a production build')
  })
})
