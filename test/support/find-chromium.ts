import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const ENVIRONMENT_NAMES = ['OR3_CHROMIUM_PATH', 'PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH']
const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome']
const APPLICATIONS = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium']

export interface FoundChromium {
  path: string
  source: 'environment' | 'installed' | 'npm package'
  /** What the process needs on top of ours: libraries and fonts of the npm package. */
  env: Record<string, string>
}

/**
 * Chromium, from the first of: `OR3_CHROMIUM_PATH` or `PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH`, an installed one,
 * the one inside the npm package `@sparticuz/chromium` (Linux x64), unpacked once into the temp folder.
 * `OR3_CHROMIUM_PATH=npm` skips the installed ones.
 */
export async function findChromium(): Promise<FoundChromium> {
  const name = ENVIRONMENT_NAMES.find(each => process.env[each])
  const wanted = name && process.env[name]
  if (wanted && wanted !== 'npm') {
    if (!existsSync(wanted)) throw new Error(`${name} names "${wanted}", which does not exist; name a Chromium binary, or unset it`)
    return { path: wanted, source: 'environment', env: {} }
  }
  const installed = wanted ? undefined : installedPaths().find(path => existsSync(path))
  if (installed) return { path: installed, source: 'installed', env: {} }
  return await unpackFromNpm()
}

function installedPaths(): string[] {
  return [...FOLDERS.flatMap(folder => COMMANDS.map(command => join(folder, command))), ...APPLICATIONS]
}

async function unpackFromNpm(): Promise<FoundChromium> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('no Chromium found: install Chromium or Chrome, or name one in OR3_CHROMIUM_PATH (the npm package has a Linux x64 binary only)')
  }
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const root = dirname(dirname(entry))
  const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
  const folder = join(tmpdir(), `or3-chromium-${version}-${process.getuid?.() ?? 0}`)
  if (!existsSync(folder)) await unpack(join(root, 'bin'), folder)
  const path = join(folder, 'chromium')
  return { path, source: 'npm package', env: { FONTCONFIG_PATH: join(folder, 'fonts'), ...libraryEnv(path, join(folder, 'al2023', 'lib')) } }
}

/** Unpacks beside the target and renames, so that two processes at once leave one whole folder. */
async function unpack(bin: string, folder: string): Promise<void> {
  const { inflate } = await import('@sparticuz/chromium')
  mkdirSync(dirname(folder), { recursive: true })
  const partial = mkdtempSync(`${folder}-`)
  const before = process.env.TMPDIR
  // `inflate` unpacks into os.tmpdir() and nowhere else.
  process.env.TMPDIR = partial
  try { await Promise.all(['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br'].map(file => inflate(join(bin, file)))) }
  finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  writeFileSync(join(partial, 'fonts', 'fonts.conf'), fontsConfig(folder))
  try { renameSync(partial, folder) }
  catch (error) {
    rmSync(partial, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}

/** The package's own file looks for its fonts in /tmp/fonts only, and without any font the first text kills the renderer. */
function fontsConfig(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'fonts-cache')}</cachedir></fontconfig>
`
}

/** The package's own system libraries, only where the machine lacks some (a bare Debian has no libnss3). */
function libraryEnv(path: string, libraries: string): Record<string, string> {
  if (missingLibraries(path, {}).length === 0) return {}
  const env = { LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') }
  const missing = missingLibraries(path, env)
  if (missing.length > 0) throw new Error(`Chromium lacks ${missing.join(', ')}: install them, or name another Chromium in OR3_CHROMIUM_PATH`)
  return env
}

function missingLibraries(path: string, env: Record<string, string>): string[] {
  const listing = execFileSync('ldd', [path], { encoding: 'utf8', env: { ...process.env, ...env } })
  return [...listing.matchAll(/^\s*(\S+) => not found$/gm)].map(match => match[1]!)
}
