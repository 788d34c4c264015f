import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { DocsBlock } from './docs-blocks'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const APP = join(ROOT, 'test/fixtures/docs-app')
/** Where the blocks are written to. Ignored by git. */
const BLOCKS = join(APP, '.blocks')
const run = promisify(execFile)

/** What a file can name without importing it differs between these. */
const SIDES = ['app', 'server', 'node'] as const
type Side = typeof SIDES[number]

/** What Nuxt has written for each side. */
const TYPES: Record<Side, string[]> = {
  app: ['../.nuxt/nuxt.d.ts'],
  server: ['../.nuxt/types/nitro-nuxt.d.ts', '../.nuxt/types/nitro.d.ts'],
  node: ['../.nuxt/nuxt.node.d.ts'],
}

export interface TypeProblem { page: string, line: number, message: string }

/**
 * Type-checks blocks as files of a real app: those of the server with Nitro's auto-imports, `nuxt.config.ts` with none, all others with those of Nuxt. Blocks of one page that
 * name their files can import each other, and those that stand `beside` them, whose own problems are not told.
 */
export async function checkTypes(blocks: DocsBlock[], beside: DocsBlock[]): Promise<TypeProblem[]> {
  await rm(BLOCKS, { recursive: true, force: true })
  await run(process.execPath, [join(ROOT, 'node_modules/nuxt/bin/nuxt.mjs'), 'prepare', APP], { cwd: ROOT })
  const all = [...beside, ...blocks]
  const problems: TypeProblem[] = []
  for (const side of SIDES) problems.push(...await compile(side, await write(side, all.filter(block => sideOf(block) === side))))
  return problems.filter(({ page, line }) => !beside.some(block => block.page === page && block.line <= line && line < block.line + block.text.split('\n').length))
}

function sideOf({ path, text }: DocsBlock): Side {
  if (text.includes('defineNuxtConfig(')) return 'node'
  return path?.startsWith('server/') || (!path && text.includes('useSyncGateway')) ? 'server' : 'app'
}

/** Writes the blocks of one side. Resolves to them by the path of their file. */
async function write(side: Side, blocks: DocsBlock[]): Promise<Map<string, DocsBlock>> {
  const written = new Map<string, DocsBlock>()
  for (const block of blocks) {
    const folder = join('.blocks', side, block.page.replace('.md', ''))
    const named = block.path && join(folder, block.path)
    // A page may show two versions of one file: the later one stands by itself.
    const file = named && !written.has(named) ? named : join(folder, `line-${block.line}`, block.path ?? `block.${block.language}`)
    written.set(file, block)
    await mkdir(dirname(join(APP, file)), { recursive: true })
    await writeFile(join(APP, file), asModule(block))
  }
  return written
}

/** Each block has its own names. What is awaited at its top level is allowed in modules only. */
function asModule({ language, text }: DocsBlock): string {
  return language === 'ts' && !/^export |^import /m.test(text) ? `${text}export {}\n` : text
}

async function compile(side: Side, written: Map<string, DocsBlock>): Promise<TypeProblem[]> {
  const config = join(APP, `.blocks/tsconfig.${side}.json`)
  const options = { lib: ['ESNext', 'DOM', 'DOM.Iterable'], noUnusedLocals: false, noUnusedParameters: false }
  const shown = ['../shared/**/*.ts', '../shown-elsewhere.d.ts', `./${side}/**/*.ts`, `./${side}/**/*.vue`]
  await writeFile(config, JSON.stringify({ extends: `../.nuxt/tsconfig.${side}.json`, compilerOptions: options, include: [...TYPES[side], ...shown], exclude: [] }))
  const { stdout } = await run(process.execPath, [join(ROOT, 'node_modules/vue-tsc/bin/vue-tsc.js'), '--noEmit', '--pretty', 'false', '-p', config], { cwd: APP, maxBuffer: 2 ** 26 })
    .catch((error: { stdout: string }) => error)
  // What the blocks import of this package is checked where it stands.
  return [...stdout.matchAll(/^(\S.*?)\((\d+),\d+\): error (TS\d+: .+)$/gm)].flatMap(([, file, line, message]) => {
    const block = written.get(file!)
    return block ? { page: block.page, line: block.line + Number(line) - 1, message: message! } : []
  })
}
