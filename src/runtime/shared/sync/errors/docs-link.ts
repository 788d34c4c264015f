/**
 * The page that explains every code. The package brings it along, so this path can be opened in the editor of any app that has installed it.
 * Once the docs are on the web, put the page's URL here.
 */
export const ERRORS_PAGE = 'node_modules/or3-sync/docs/errors.md'

/** Where a code is explained, for the end of a message. */
export function docsLink(code: string): string {
  return `${ERRORS_PAGE}#${anchorOf(code)}`
}

/** The anchor of a code's heading. */
export function anchorOf(code: string): string {
  return code.toLowerCase()
}
