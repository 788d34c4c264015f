import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { freePort } from '../test/support/free-port.ts'
import { launchChromium } from '../test/support/launch-chromium.ts'
import { CHECKS, TutorialWindows } from './tutorial/browser-checks.ts'
import { EXAMPLE_CHECKS } from './tutorial/example-checks.ts'
import { parseTutorial, type TutorialStep } from './tutorial/parse-tutorial.ts'
import { runCommands, shellEnv, startServer, type RunningServer } from './tutorial/shell.ts'

/**
 * `npm run docs:tutorial -- [--keep]`
 *
 * Runs `docs/tutorial.md`, the guides that go on with its app, and the READMEs of `examples/`, literally and in new folders: commands, files, and what the reader looks at, in two
 * windows of Chromium. Prints the time of each step. `or3-sync` is installed from what `npm pack` makes of this repository. Needs the npm registry. `--keep` leaves the folder. The exit code is 1
 * when a step fails.
 */
const { values: options } = parseArgs({ options: { keep: { type: 'boolean', default: false } } })
const ROOT = join(import.meta.dirname, '..')
const PAGES = ['docs/tutorial.md', 'docs/guides/offline-and-pwa.md']
const EXAMPLES = ['minimal', 'existing-dexie']

class TutorialRun {
  #cwd: string
  #server: RunningServer | undefined
  readonly #packed: string
  readonly #windows: TutorialWindows

  constructor({ folder, packed, windows }: { folder: string, packed: string, windows: TutorialWindows }) {
    this.#cwd = folder
    this.#packed = packed
    this.#windows = windows
  }

  /** @throws Error where a command, a file or a check does not do what the page says. */
  async step(step: TutorialStep): Promise<void> {
    if (step.kind === 'shell') this.#cwd = await runCommands(step.commands.map(command => this.#withPacked(command)), this.#cwd)
    else if (step.kind === 'file') await this.#write(step.path, step.text)
    else if (step.kind === 'stop') await this.stop()
    else if (step.kind === 'check') await this.#check(step.name)
    else {
      await this.stop()
      this.#server = await startServer(step.command, this.#cwd, await freePort())
      this.#windows.server = this.#server
    }
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
    this.#server = undefined
  }

  /** The one difference from what a reader does: this version of the module is in no registry yet. */
  #withPacked(command: string): string {
    return command === 'npm install or3-sync' ? `npm install '${this.#packed}'` : command
  }

  async #write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.#cwd, path)), { recursive: true })
    await writeFile(join(this.#cwd, path), text)
    // A reader needs longer than this for the next file. Nuxt has to know of a new component before a file that names it is compiled.
    if (this.#server) await new Promise(resolve => setTimeout(resolve, 3_000))
  }

  async #check(name: string): Promise<void> {
    const checks = { ...CHECKS, ...EXAMPLE_CHECKS }
    const check = checks[name]
    if (!check) throw new Error(`there is no check "${name}"; there are ${Object.keys(checks).join(', ')}`)
    await check(this.#windows)
  }
}

function describe(step: TutorialStep): string {
  if (step.kind === 'shell') return step.commands.join(' && ')
  if (step.kind === 'server') return `${step.command} (until the page is there)`
  if (step.kind === 'file') return `write ${step.path}`
  return step.kind === 'check' ? `two windows: ${step.name}` : 'stop the server'
}

/** Builds the package, which `npm pack` does first, and packs it. The builder prints before the JSON. */
async function pack(folder: string): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT, env: shellEnv(), maxBuffer: 2 ** 26 })
  const [{ filename }] = JSON.parse(stdout.slice(stdout.lastIndexOf('\n[') + 1)) as [{ filename: string }]
  return join(folder, filename)
}

const print = (ms: number, text: string): boolean => process.stdout.write(`${(ms / 1000).toFixed(1).padStart(7)} s  ${text}\n`)

/** Runs the steps of a page, and prints how long each took. */
async function runPage(run: TutorialRun, page: string): Promise<void> {
  process.stdout.write(`${page}\n`)
  for (const step of parseTutorial(await readFile(join(ROOT, page), 'utf8'))) {
    const before = performance.now()
    await run.step(step).catch((error: Error) => { throw new Error(`${page}:${step.line}: ${describe(step)}: ${error.message}`) })
    print(performance.now() - before, describe(step))
  }
}

/** A copy of the example, in which `npm install` takes the packed module: the one difference from what a reader does. */
async function copyExample(name: string, packed: string): Promise<string> {
  const target = join(folder, 'examples', name)
  await cp(join(ROOT, 'examples', name), target, { recursive: true, filter: path => !/\/(?:node_modules|\.nuxt|\.output|\.data)$/.test(path) })
  const manifest = JSON.parse(await readFile(join(target, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  manifest.dependencies['or3-sync'] = `file:${packed}`
  await writeFile(join(target, 'package.json'), JSON.stringify(manifest, null, 2))
  return target
}

const folder = await mkdtemp(join(tmpdir(), 'or3-tutorial-'))
const browser = await launchChromium()
const windows = new TutorialWindows(browser)
const runs: TutorialRun[] = []
const newRun = (cwd: string, packed: string) => {
  const run = new TutorialRun({ folder: cwd, packed, windows })
  runs.push(run)
  return run
}
try {
  const packed = await pack(folder)
  const tutorial = newRun(folder, packed)
  const begun = performance.now()
  for (const page of PAGES) {
    await runPage(tutorial, page)
    print(performance.now() - begun, 'since the beginning')
  }
  await tutorial.stop()
  for (const name of EXAMPLES) {
    const begun = performance.now()
    const run = newRun(await copyExample(name, packed), packed)
    await runPage(run, `examples/${name}/README.md`)
    print(performance.now() - begun, 'in all')
    await run.stop()
  }
}
catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
finally {
  await windows.close()
  await browser.close()
  for (const run of runs) await run.stop()
  if (options.keep) process.stdout.write(`${folder}\n`)
  else await rm(folder, { recursive: true, force: true })
}
