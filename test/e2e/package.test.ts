import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installPacked, packModule } from '../support/pack-module'

const ROOT = join(import.meta.dirname, '../..')
const MINUTE = 60_000
const run = promisify(execFile)

describe('the package, as npm would get it', () => {
  let tarball: string
  let app: string
  let files: string[]

  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), 'or3-package-'))
    await cp(join(ROOT, 'test/fixtures/packed-types'), app, { recursive: true })
    tarball = await packModule()
    await installPacked(app)
    const { stdout } = await run('tar', ['tzf', tarball])
    files = stdout.trim().split('\n').map(name => name.replace('package/', ''))
  }, 5 * MINUTE)

  afterAll(async () => { await rm(app, { recursive: true, force: true }) })

  it('has what users need, and nothing else', async () => {
    // The pages that error messages lead to.
    expect(files).toContain('docs/errors.md')
    const outside = files.filter(name => !name.startsWith('dist/') && !/^docs\/[\w-]+\.md$/.test(name))
    expect(outside.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
    expect(files.filter(name => /\.(?:map|tsx?|vue|tgz)$/.test(name) && !/\.d\.(?:m|vue\.)?ts$|\.vue$/.test(name))).toEqual([])
    expect(files.filter(name => /\.(?:test|spec)\.|tsconfig|fixtures|\.data/.test(name))).toEqual([])
    const { size } = JSON.parse((await run('npm', ['pack', '--json', '--dry-run', '--ignore-scripts', tarball])).stdout)[0] as { size: number }
    expect(size, 'bytes of the .tgz').toBeLessThan(1_000_000)
  })

  it('has an entry for everything that package.json names', async () => {
    const { exports, main, types } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { exports: Record<string, string | Record<string, string>>, main: string, types: string }
    const named = [main, types, ...Object.values(exports).flatMap(entry => typeof entry === 'string' ? [entry] : Object.values(entry))].map(path => path.replace('./', ''))
    expect(named.filter(path => !files.includes(path))).toEqual([])
    for (const entry of Object.values(exports)) if (typeof entry !== 'string') expect(Object.keys(entry)[0], 'TypeScript takes the first condition that fits').toBe('types')
  })

  it('has nothing that publint objects to', async () => {
    const { messages } = await publint({ pkgDir: join(app, 'node_modules/or3-sync'), pack: false, strict: true })
    expect(messages).toEqual([])
  })

  it('has types that are found by every way of resolving modules that can import it', async () => {
    const checked = await run(process.execPath, [join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color'])
      .catch((error: { stdout: string }) => error)
    expect(checked.stdout).toContain('"or3-sync/testing/simulation"')
    expect(checked).not.toHaveProperty('code')
  }, MINUTE)

  it.each([
    ['bundler', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
    ['nodenext', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
  ] as const)('is typed where moduleResolution is "%s", in its own declarations, too', (_name, module, moduleResolution) => {
    const program = ts.createProgram([join(app, 'entries.ts')], {
      module, moduleResolution, target: ts.ScriptTarget.ES2022, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
      strict: true, noEmit: true, skipLibCheck: false, types: ['node'], typeRoots: [join(app, 'node_modules/@types')],
    })
    const own = program.getSourceFiles().filter(({ fileName }) => fileName === join(app, 'entries.ts') || fileName.includes('/or3-sync/dist/'))
    expect(own.length).toBeGreaterThan(100)
    const found = own.flatMap(file => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    expect(found.map(({ file, messageText }) => `${file?.fileName.replace(app, '')}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)).toEqual([])
  }, MINUTE)
})
