// In a folder of its own: what stands in `utils` is in the first scripts of the page.
import MarkdownIt from 'markdown-it'

/**
 * Renders Markdown that people have written to each other. HTML in it is text. There are no images: they would tell their server who reads.
 * Headings become bold lines, because those of the page are the page's own.
 */
export function createMarkdown(): (text: string) => string {
  const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true }).disable('image')
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
  const { rules } = markdown.renderer
  rules.heading_open = () => '<p><strong>'
  rules.heading_close = () => '</strong></p>\n'
  // What scrolls can be scrolled by keyboard.
  for (const name of ['fence', 'code_block'] as const) {
    const render = rules[name]!
    rules[name] = (...args) => render(...args).replace('<pre>', '<pre tabindex="0">')
  }
  rules.table_open = () => '<table tabindex="0">\n'
  rules.link_open = (tokens, index, options, _env, self) => {
    tokens[index]!.attrSet('rel', 'noopener noreferrer nofollow')
    tokens[index]!.attrSet('target', '_blank')
    return self.renderToken(tokens, index, options)
  }
  return text => markdown.render(text)
}
