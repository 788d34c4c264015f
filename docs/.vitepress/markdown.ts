import type { MarkdownOptions } from 'vitepress'
import { slugify } from './slugify'
import { stateTable } from './state-table'

type MarkdownIt = Parameters<NonNullable<MarkdownOptions['config']>>[0]

/** What is special about the Markdown of these pages. They are also read on GitHub, so there is little. */
export const markdown: MarkdownOptions = {
  anchor: { slugify },
  theme: { light: 'github-light', dark: 'github-dark' },
  config: (md) => {
    drawStates(md)
    leaveLinksIntoCode(md)
  },
}

/** Blocks of Mermaid, and the reasons of blocks that no test checks, which stand behind their language. */
function drawStates(md: MarkdownIt): void {
  const fence = md.renderer.rules.fence!
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index]!
    token.info = token.info.replace(/ no-check: .*/, '')
    if (!token.info.startsWith('mermaid')) return fence(tokens, index, options, env, self)
    const table = stateTable(token.content)
    if (table) return table
    token.info = 'text'
    return fence(tokens, index, options, env, self)
  }
}

/**
 * Links to files outside of `docs/` work on GitHub. The site points them to the repository that `DOCS_REPOSITORY` names (such as
 * `https://github.com/owner/name`); without one only their text is left.
 */
function leaveLinksIntoCode(md: MarkdownIt): void {
  const repository = process.env.DOCS_REPOSITORY?.replace(/\/$/, '')
  md.core.ruler.push('links-into-code', (state) => {
    for (const { children } of state.tokens) {
      let isOutside = false
      for (const token of children ?? []) {
        const href = token.type === 'link_open' ? token.attrGet('href') : null
        if (href !== null) isOutside = leavesDocs(href, String(state.env.relativePath ?? ''))
        if (!isOutside || (token.type !== 'link_open' && token.type !== 'link_close')) continue
        if (repository && href) token.attrSet('href', `${repository}/blob/main/${href.replace(/^(\.\.\/)+/, '')}`)
        else if (!repository) token.tag = 'span'
        if (!repository) token.attrs = null
        if (token.type === 'link_close') isOutside = false
      }
    }
  })
}

function leavesDocs(href: string, page: string): boolean {
  const depth = page.split('/').length - 1
  return (/^(?:\.\.\/)*/.exec(href)![0].length / 3) > depth
}
