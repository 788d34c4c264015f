import type { Source, SourceTree } from './source-tree.ts'
import { tokensOf, type Token } from './tokens.ts'

/** A range of a file's text: from `start` up to, and without, `end`. */
export interface Place {
  file: string
  start: number
  end: number
}

/**
 * Where a piece of source stands in some files. What counts are its tokens, so that comments and formatting do not matter. When
 * they do not stand in exactly one place, the exact text decides: that is how half tokens and single lines of several are found.
 *
 * @returns one place, or as many as there are, or none.
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
    // Most files lack one of the words, and need not be split into tokens.
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

/** From the first token to the last, with the whitespace around them where the piece stands there to the letter. */
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
  // An empty piece stands everywhere.
  const step = Math.max(piece.length, 1)
  for (let start = text.indexOf(piece); start >= 0 && start < text.length; start = text.indexOf(piece, start + step)) places.push({ file, start, end: start + piece.length })
  return places
}
