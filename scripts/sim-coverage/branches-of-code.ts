import ts from 'typescript'

/**
 * Where V8's counts tell whether a branch was taken. Offsets are in characters of the code that ran.
 * Without `of`: taken when the code at `at` ran. With `of`: taken when the code at `of` ran more often than that at `at`. This is for a
 * branch without code of its own, such as the missing `else` of an `if`.
 */
export interface BranchPlace {
  at: number
  of?: number
}

export interface Branch extends BranchPlace {
  kind: BranchKind
  /** For a branch within an expression: its code. Several of them may stand in one line. */
  code?: string
}

/** `left decides`: the right side of `&&`, `||` or `??` was not needed. */
export type BranchKind = 'function' | 'then' | 'else' | 'no else' | 'true' | 'false' | 'right side' | 'left decides' | 'loop' | 'case' | 'catch'

const LOGICAL = new Set([ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken])

/**
 * Lists the branches of JavaScript: functions, both ways of `if` and `?:`, both ways of `&&`, `||` and `??`, the bodies of loops, `case`s
 * with code, and `catch`. V8 does not count `?.`, `??=` and default values, so these are not listed.
 */
export function branchesOfCode(code: string): Branch[] {
  const file = ts.createSourceFile('code.js', code, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS)
  const branches: Branch[] = []
  const visit = (node: ts.Node): void => {
    branches.push(...branchesOfNode(node, file))
    ts.forEachChild(node, visit)
  }
  visit(file)
  return branches
}

function branchesOfNode(node: ts.Node, file: ts.SourceFile): Branch[] {
  const arm = (kind: BranchKind, child: ts.Node): Branch => ({ kind, at: child.getStart(file) })
  if (ts.isFunctionLike(node)) return 'body' in node && node.body ? [arm('function', node.body)] : []
  if (ts.isIfStatement(node)) {
    const then = arm('then', node.thenStatement)
    // Counted after the condition, not before: what never comes back from an `await` in it has taken neither way.
    return [then, node.elseStatement ? arm('else', node.elseStatement) : { kind: 'no else', at: then.at, of: node.expression.end }]
  }
  if (ts.isConditionalExpression(node)) return [part('true', node.whenTrue, file), part('false', node.whenFalse, file)]
  if (ts.isBinaryExpression(node) && LOGICAL.has(node.operatorToken.kind)) return branchesOfLogical(node, file)
  if (ts.isIterationStatement(node, false)) return [arm('loop', node.statement)]
  if (ts.isCaseOrDefaultClause(node)) return node.statements.length ? [arm('case', node.statements[0]!)] : []
  if (ts.isCatchClause(node)) return [arm('catch', node.block)]
  return []
}

function branchesOfLogical({ left, right, operatorToken }: ts.BinaryExpression, file: ts.SourceFile): Branch[] {
  const taken = part('right side', right, file)
  // In `a && b && c` the left side of the second `&&` is `b`, which runs only if `a` is true.
  const isChain = ts.isBinaryExpression(left) && left.operatorToken.kind === operatorToken.kind
  const before = isChain ? left.right : left
  return [taken, { ...part('left decides', before, file), at: taken.at, of: isChain ? before.getStart(file) : before.end }]
}

function part(kind: BranchKind, node: ts.Node, file: ts.SourceFile): Branch {
  return { kind, at: node.getStart(file), code: node.getText(file).replace(/\s+/g, ' ') }
}
