import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port'
import { developerShell, installPacked } from './pack-module'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** A folder of `examples/`, copied as a reader would copy it, with the packed module installed. */
export class ExampleApp {
  #server: ChildProcess | undefined

  private constructor(readonly folder: string) {}

  static async copy(name: string): Promise<ExampleApp> {
    const folder = await mkdtemp(join(tmpdir(), `or3-example-${name}-`))
    await cp(join(ROOT, 'examples', name), folder, { recursive: true, filter: path => !/\/(?:node_modules|\.nuxt|\.output|\.data)$/.test(path) })
    await installPacked(folder)
    return new ExampleApp(folder)
  }

  async build(): Promise<void> {
    await this.#node('node_modules/nuxt/bin/nuxt.mjs', 'build')
  }

  /** Resolves to what vue-tsc objects to. Needs a build before. */
  async typeErrors(): Promise<string> {
    return await this.#node(join(ROOT, 'node_modules/vue-tsc/bin/vue-tsc.js'), '--noEmit').catch((error: { stdout: string }) => error.stdout)
  }

  /** Starts the built server. Resolves to its origin once it listens. */
  async start(): Promise<string> {
    const port = await freePort()
    const child = spawn(process.execPath, ['.output/server/index.mjs'], {
      cwd: this.folder, env: { ...developerShell, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#server = child
    let said = ''
    for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => { said += chunk.toString() })
    return await new Promise((resolve, reject) => {
      child.once('close', code => reject(new Error(`the server ended with ${code}:\n${said}`)))
      child.stdout.on('data', () => { if (said.includes('Listening')) resolve(`http://127.0.0.1:${port}`) })
    })
  }

  async remove(): Promise<void> {
    const child = this.#server
    if (child && child.exitCode === null) {
      const closed = new Promise(resolve => child.once('close', resolve))
      child.kill('SIGKILL')
      await closed
    }
    await rm(this.folder, { recursive: true, force: true })
  }

  async #node(...args: string[]): Promise<string> {
    return (await run(process.execPath, args, { cwd: this.folder, env: developerShell, maxBuffer: 2 ** 26 })).stdout
  }
}
