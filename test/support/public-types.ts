import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { publicProgram } from '../../scripts/reference-docs/public-program'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * What is named in what these entries export and cannot be imported from the same entry, as `<export> names <type>`. What is named by way of another
 * entry (`or3-sync/server`) can be imported from there.
 */
export function findHiddenTypes(entries: readonly string[]): Record<string, string[]> {
  const program = publicProgram(entries)
  const checker = program.getTypeChecker()
  return Object.fromEntries(entries.map((entry) => {
    const exported = exportsOf(checker, program.getSourceFile(ROOT + entry)!)
    const hidden = [...exported].flatMap(([symbol, { isTypeOnly }]) => (symbol.declarations ?? []).flatMap(node => [...namedIn(checker, node, isTypeOnly)])
      .filter(named => isOurs(named) && !exported.has(named)).map(named => `${symbol.name} names ${named.name}`))
    return [entry, [...new Set(hidden)].sort()]
  }))
}

function exportsOf(checker: ts.TypeChecker, file: ts.SourceFile): Map<ts.Symbol, { isTypeOnly: boolean }> {
  return new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(file)!).map(symbol => [
    resolve(checker, symbol), { isTypeOnly: (symbol.declarations ?? []).some(ts.isTypeOnlyExportDeclaration) },
  ]))
}

function resolve(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

/** A type of this package that somebody could write down. */
function isOurs(symbol: ts.Symbol): boolean {
  const isType = ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Class | ts.SymbolFlags.Enum
  return (symbol.flags & isType) !== 0 && (symbol.declarations ?? []).some(node => node.getSourceFile().fileName.startsWith(ROOT) && !node.getSourceFile().fileName.includes('node_modules'))
}

/** The types that the public part of a declaration names. A class of which only the type is exported is constructed by nobody else. */
function* namedIn(checker: ts.TypeChecker, node: ts.Node, isTypeOnly: boolean): Generator<ts.Symbol> {
  if (isHidden(node) || (isTypeOnly && ts.isConstructorDeclaration(node))) return
  const name = ts.isTypeReferenceNode(node) ? node.typeName : ts.isExpressionWithTypeArguments(node) ? node.expression : null
  const symbol = name && checker.getSymbolAtLocation(name)
  if (symbol && !(symbol.flags & ts.SymbolFlags.TypeParameter) && !isOfOtherEntry(symbol)) yield resolve(checker, symbol)
  for (const child of childrenOf(node)) yield* namedIn(checker, child, isTypeOnly)
}

function isOfOtherEntry({ declarations: [found] = [] }: ts.Symbol): boolean {
  if (!found || !ts.isImportSpecifier(found)) return false
  const { moduleSpecifier } = found.parent.parent.parent as ts.ImportDeclaration
  return ts.isStringLiteral(moduleSpecifier) && moduleSpecifier.text.startsWith('or3-sync/')
}

function isHidden(node: ts.Node): boolean {
  if (ts.isBlock(node)) return true
  if (!ts.isClassElement(node)) return false
  return (node.name !== undefined && ts.isPrivateIdentifier(node.name)) || (ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword))
}

/** Without what is worked out at run time. */
function childrenOf(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = []
  const initializer = (node as { initializer?: ts.Node }).initializer
  ts.forEachChild(node, (child) => { if (child !== initializer) children.push(child) })
  return children
}
