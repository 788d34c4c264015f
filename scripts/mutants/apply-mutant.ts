import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPiece, type Place } from './find-piece.ts'
import { editsOf, type Mutant, type SourceEdit } from './mutant.ts'
import { SourceTree } from './source-tree.ts'

/** A mutant's text was not found in the file that it names, but once in another file of the same top folder: the code has moved. */
export interface Move {
  id: string
  from: string
  to: string
}

interface Mutation {
  /** The files that the mutant changes: path from the repository's root -> text. */
  files: ReadonlyMap<string, string>
  moves: readonly Move[]
}

/**
 * Puts a mutant's bug into a copy of the repository.
 *
 * @returns a function that takes it out again.
 * @throws Error when a text to replace is not found in exactly one place: the source has changed and the mutant has not.
 */
export function applyMutant(folder: string, mutant: Mutant): () => void {
  const tree = new SourceTree(folder)
  const { files } = mutate(tree, mutant)
  for (const [file, text] of files) writeFileSync(join(folder, file), text)
  return () => { for (const file of files.keys()) writeFileSync(join(folder, file), tree.read(file)!) }
}

/** Checks, without writing, whether mutants fit the source in a folder. Returns a line for each that does not, and the code that has moved. */
export function checkFit(folder: string, mutants: readonly Mutant[]): { misfits: string[], moves: Move[] } {
  const tree = new SourceTree(folder)
  const misfits: string[] = []
  const moves: Move[] = []
  for (const mutant of mutants) {
    try { moves.push(...mutate(tree, mutant).moves) }
    catch (error) { misfits.push((error as Error).message) }
  }
  return { misfits, moves }
}

export function formatMove({ id, from, to }: Move): string {
  return `moved: ${id}, from ${from}, to ${to}`
}

function mutate(tree: SourceTree, mutant: Mutant): Mutation {
  const files = new Map<string, string>()
  const moves = new Map<string, Move>()
  for (const edit of editsOf(mutant)) {
    const place = findEdit(tree, files, mutant.id, edit)
    const text = files.get(place.file) ?? tree.read(place.file)!
    files.set(place.file, text.slice(0, place.start) + edit.replace[1] + text.slice(place.end))
    // Several edits of the same file are reported as one move.
    if (place.file !== edit.file) moves.set(`${edit.file} ${place.file}`, { id: mutant.id, from: edit.file, to: place.file })
  }
  return { files, moves: [...moves.values()] }
}

/** Finds the place of an edit. `edited` holds the files as the mutant's earlier edits have left them. */
function findEdit(tree: SourceTree, edited: ReadonlyMap<string, string>, id: string, { file, replace: [found] }: SourceEdit): Place {
  const sourcesOf = (files: readonly string[]) => files.flatMap((name) => {
    const text = edited.get(name) ?? tree.read(name)
    return text === undefined ? [] : [{ file: name, text }]
  })
  const [named] = sourcesOf([file])
  const places = named ? findPiece(tree, [named], found) : []
  if (places.length === 1) return places[0]!
  if (!places.length) {
    const elsewhere = findPiece(tree, sourcesOf(tree.filesBeside(file)), found)
    if (elsewhere.length === 1) return elsewhere[0]!
  }
  if (!named) throw new Error(`${id}: there is no file ${file}`)
  throw new Error(`${id}: in ${file} this text stands ${places.length} times, it must stand there once:\n    ${found}`)
}
