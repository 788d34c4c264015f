import { execFile } from 'node:child_process'
import { mkdir, readdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** What a developer's shell has, without what this repository's own runs set. */
export const developerShell = Object.fromEntries(Object.entries(process.env)
  .filter(([name]) => !/^(?:NUXT_|NITRO_|OR3_|VITE|CONVEX_|DATABASE_URL$|SSR_AUTH_ENABLED$|NODE_ENV$|npm_)/.test(name)))

/** The module as npm would get it: path of the `.tgz`. The first test file that asks builds and packs it, the others get the same file. */
export async function packModule(): Promise<string> {
  const folder = inject('packFolder')
  const find = async () => (await readdir(folder)).find(name => name.endsWith('.tgz'))
  // `npm pack` runs the script `prepare`, which builds.
  if (!await find()) await run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT, env: developerShell, maxBuffer: 2 ** 26 })
  return join(folder, (await find())!)
}

/** Makes `node_modules` in a folder: the packed module itself, and beside it links to what is installed here. No network. */
export async function installPacked(app: string): Promise<void> {
  const target = join(app, 'node_modules/or3-sync')
  await mkdir(target, { recursive: true })
  await run('tar', ['xzf', await packModule(), '-C', target, '--strip-components=1'])
  const installed = join(ROOT, 'node_modules')
  const names = (await readdir(installed)).filter(name => !name.startsWith('.') && name !== 'or3-sync')
  for (const name of names) {
    const inner = name.startsWith('@') ? (await readdir(join(installed, name))).map(each => `${name}/${each}`) : [name]
    for (const each of inner) {
      await mkdir(dirname(join(app, 'node_modules', each)), { recursive: true })
      await symlink(join(installed, each), join(app, 'node_modules', each))
    }
  }
}
