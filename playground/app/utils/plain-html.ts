/** What Markdown gives a meaning to, and characters that it treats in ways of its own. */
const MARKUP = /[\\`*_[\]<>#|~&@\u0000-\u0009\u000B-\u001F\u007F-\u00A0\u1680\u2000-\u200F\u2028\u2029\u202F\u205F\u3000\uD800-\uDFFF\uFEFF]|\/\/|:\S|^\s*(?:[-+=]|\d+[.)])|^ {4}/m // eslint-disable-line no-control-regex -- control characters are meant

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Whether a text is the same in Markdown as without it, so that `plainHtml` renders it. */
export function isPlain(text: string): boolean {
  return !MARKUP.test(text)
}

/** A text without Markdown as HTML: paragraphs, and lines as they are. Of a plain text it is what Markdown makes of it. */
export function plainHtml(text: string): string {
  return text.split(/\n(?:[^\S\n]*\n)+/)
    .map(paragraph => paragraph.trim())
    .filter(Boolean)
    .map(paragraph => `<p>${paragraph.split(/ *\n */).join('\n').replaceAll(/[&<>"]/g, character => ESCAPES[character]!).replaceAll('\n', '<br>\n')}</p>\n`)
    .join('')
}
