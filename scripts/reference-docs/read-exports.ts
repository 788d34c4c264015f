import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { publicProgram } from './public-program.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface ExportedName {
  name: string
  /** Types, which are nothing at run time, are left out. */
  kind: 'function' | 'class' | 'value'
  /** The first sentence of its docstring. Empty: it has none. */
  about: string
}

/**
 * The functions, classes and constants that entry files export, with the first sentence of each docstring, by the entry's path.
 * @param entries paths below the root of the repository
 */
export function readExports(entries: readonly string[]): Map<string, ExportedName[]> {
  const program = publicProgram(entries)
  const checker = program.getTypeChecker()
  return new Map(entries.map((entry) => {
    const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(ROOT + entry)!)!)
    const names = symbols.flatMap(symbol => describe(checker, symbol) ?? []).sort((a, b) => a.name.localeCompare(b.name, 'en'))
    return [entry, names]
  }))
}

function describe(checker: ts.TypeChecker, exported: ts.Symbol): ExportedName | null {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
  const isTypeOnly = (exported.declarations ?? []).some(ts.isTypeOnlyExportDeclaration)
  if (isTypeOnly || !(symbol.flags & ts.SymbolFlags.Value)) return null
  return { name: exported.name, kind: kindOf(symbol), about: firstSentence(ts.displayPartsToString(symbol.getDocumentationComment(checker))) }
}

function kindOf({ flags, declarations = [] }: ts.Symbol): ExportedName['kind'] {
  if (flags & ts.SymbolFlags.Class) return 'class'
  const isArrow = declarations.some(node => ts.isVariableDeclaration(node) && node.initializer !== undefined && ts.isArrowFunction(node.initializer))
  return flags & ts.SymbolFlags.Function || isArrow ? 'function' : 'value'
}

/** Up to the first full stop that ends a sentence, on one line. A stop inside of back-quotes ends none. */
function firstSentence(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const end = /^(?:`[^`]*`|[^`])*?[.:](?= [A-Z*`(]|$)/.exec(line)?.[0] ?? line
  return end.replace(/:$/, '.').replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
