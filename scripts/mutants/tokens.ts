import ts from 'typescript'

/** A token of TypeScript, from `start` (included) to `end` (excluded). */
export interface Token {
  text: string
  start: number
  end: number
  /** The text ends inside the token: in a string, a template or a regular expression. */
  isCut: boolean
}

/** Tokens with which a value may end. A slash after one of them divides; elsewhere it begins a regular expression. */
const ENDS_A_VALUE = new Set([
  ts.SyntaxKind.Identifier, ts.SyntaxKind.PrivateIdentifier,
  ts.SyntaxKind.NumericLiteral, ts.SyntaxKind.BigIntLiteral, ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.RegularExpressionLiteral, ts.SyntaxKind.NoSubstitutionTemplateLiteral, ts.SyntaxKind.TemplateTail,
  ts.SyntaxKind.CloseParenToken, ts.SyntaxKind.CloseBracketToken, ts.SyntaxKind.CloseBraceToken,
  ts.SyntaxKind.ThisKeyword, ts.SyntaxKind.SuperKeyword, ts.SyntaxKind.NullKeyword, ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword,
])

/**
 * The tokens of a TypeScript file or of any piece of one, without whitespace and comments. No parser is used. So a file and a piece of it
 * give the same tokens, and a piece need not be a whole expression or statement.
 */
export function tokensOf(text: string): Token[] {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text)
  const tokens: Token[] = []
  /** The kinds of the open braces: those of blocks and objects, and the `${` of templates. */
  const open: ts.SyntaxKind[] = []
  let before = ts.SyntaxKind.Unknown
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    if (isSlash(kind) && !ENDS_A_VALUE.has(before)) kind = asRegularExpression(scanner) ?? kind
    if (kind === ts.SyntaxKind.CloseBraceToken && open.pop() === ts.SyntaxKind.TemplateHead) kind = scanner.reScanTemplateToken(false)
    if (kind === ts.SyntaxKind.OpenBraceToken) open.push(kind)
    if (kind === ts.SyntaxKind.TemplateHead || kind === ts.SyntaxKind.TemplateMiddle) open.push(ts.SyntaxKind.TemplateHead)
    tokens.push({ text: scanner.getTokenText(), start: scanner.getTokenStart(), end: scanner.getTokenEnd(), isCut: scanner.isUnterminated() })
    before = kind
  }
  return tokens
}

function isSlash(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.SlashToken || kind === ts.SyntaxKind.SlashEqualsToken
}

/** Undefined when the line ends before the regular expression does: then the slash divides. */
function asRegularExpression(scanner: ts.Scanner): ts.SyntaxKind | undefined {
  return scanner.tryScan(() => {
    const kind = scanner.reScanSlashToken()
    return scanner.isUnterminated() ? undefined : kind
  })
}
