import type { Source, SourceTree } from './source-tree.ts'
import { tokensOf, type Token } from './tokens.ts'

/** A range of a file's text, from `start` (included) to `end` (excluded). */
export interface Place {
  file: string
  start: number
  end: number
}

/**
 * Finds a piece of source in some files. It compares tokens, so comments and formatting do not matter. When the tokens are not found in
 * exactly one place, it looks for the exact text instead. So pieces that cut a token in half can be found, too.
 *
 * @returns all places that were found; none or several mean that the piece is not unique.
 */
export function findPiece(tree: SourceTree, sources: readonly Source[], piece: string): Place[] {
  const byTokens = findTokens(tree, sources, piece)
  if (byTokens.length === 1) return byTokens
  const byText = sources.flatMap(source => findText(source, piece))
  return byText.length === 1 || byText.length > byTokens.length ? byText : byTokens
}

function findTokens(tree: SourceTree, sources: readonly Source[], piece: string): Place[] {
  const wanted = wholeTokens(piece)
  if (!wanted) return []
  return sources.flatMap((source) => {
    // Most files lack one of the tokens' texts. They need not be split into tokens.
    if (!wanted.every(({ text }) => source.text.includes(text))) return []
    const tokens = tree.tokens(source) ?? []
    return tokens.flatMap((first, index) => {
      if (!wanted.every(({ text }, offset) => tokens[index + offset]?.text === text)) return []
      return [placeOf(source, first.start, tokens[index + wanted.length - 1]!.end, piece)]
    })
  })
}

/** @returns nothing when the piece has no tokens, cuts one in half, or begins or ends with a comment. */
function wholeTokens(piece: string): Token[] | undefined {
  const tokens = tokensOf(piece)
  const first = tokens[0]
  const last = tokens.at(-1)
  if (!first || !last || tokens.some(({ isCut }) => isCut)) return undefined
  return first.start === leadOf(piece) && last.end === piece.trimEnd().length ? tokens : undefined
}

/** The range from the first to the last token. If the exact text of the piece is there, the whitespace around it is included. */
function placeOf({ file, text }: Source, start: number, end: number, piece: string): Place {
  const from = start - leadOf(piece)
  return text.startsWith(piece, Math.max(from, 0)) ? { file, start: from, end: from + piece.length } : { file, start, end }
}

/** How many characters of whitespace a text begins with. */
function leadOf(text: string): number {
  return text.length - text.trimStart().length
}

function findText({ file, text }: Source, piece: string): Place[] {
  const places: Place[] = []
  // An empty piece is found everywhere, so always advance by at least one.
  const step = Math.max(piece.length, 1)
  for (let start = text.indexOf(piece); start >= 0 && start < text.length; start = text.indexOf(piece, start + step)) places.push({ file, start, end: start + piece.length })
  return places
}
