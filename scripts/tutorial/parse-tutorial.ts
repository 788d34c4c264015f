/** A step of a page that can be run, in the order of the page. `line` is where it stands, counted from 1. */
export type TutorialStep =
  | { kind: 'shell', line: number, commands: string[] }
  | { kind: 'server', line: number, command: string }
  | { kind: 'stop', line: number }
  | { kind: 'file', line: number, path: string, text: string }
  | { kind: 'check', line: number, name: string }

const OPENING = /^```(\w+)$/
const DIRECTIVE = /^<!-- run: (server|stop|check ([\w-]+)) -->$/
/** The first line of a file says its path, as a comment. */
const PATH = /^(?:\/\/|<!--) ([\w./[\]-]+\.\w+)(?: -->)?$/

/**
 * The steps of a page, by its text. `sh` blocks are commands; other blocks are files of the app, named by their first line. Comments in the page say the rest:
 * `<!-- run: server -->` before a block whose last command goes on, `<!-- run: stop -->` where the reader ends it, `<!-- run: check name -->` where the
 * reader looks at the browser. A block of Vue without a path is an example, and no step.
 * @throws Error with the line, where a block is neither.
 */
export function parseTutorial(page: string): TutorialStep[] {
  const lines = page.split('\n')
  const steps: TutorialStep[] = []
  let isServer = false
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1
    const [directive, what, check] = DIRECTIVE.exec(lines[index]!) ?? []
    if (directive && what === 'server') isServer = true
    else if (directive && what === 'stop') steps.push({ kind: 'stop', line })
    else if (directive) steps.push({ kind: 'check', line, name: check! })
    const language = OPENING.exec(lines[index]!)?.[1]
    if (!language) continue
    const end = lines.indexOf('```', index)
    steps.push(...blockSteps(language, lines.slice(index + 1, end), line, isServer))
    isServer = false
    index = end
  }
  return steps
}

function blockSteps(language: string, block: string[], line: number, isServer: boolean): TutorialStep[] {
  if (language === 'sh') {
    const commands = isServer ? block.slice(0, -1) : block
    return [...commands.length ? [{ kind: 'shell' as const, line, commands }] : [], ...isServer ? [{ kind: 'server' as const, line, command: block.at(-1)! }] : []]
  }
  const path = PATH.exec(block[0] ?? '')?.[1]
  if (!path && language === 'vue') return []
  if (!path) throw new Error(`line ${line}: the first line of a block names its file, as in "// nuxt.config.ts"`)
  return [{ kind: 'file', line, path, text: `${block.slice(1).join('\n')}\n` }]
}
