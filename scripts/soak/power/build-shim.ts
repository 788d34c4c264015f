import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../../..')

/** Compiles power-shim.c. @returns the library's path, or why it cannot be used here */
export function buildShim(): { library: string } | { skipped: string } {
  if (process.platform !== 'linux') return { skipped: `the shim is preloaded by Linux's loader, and this is ${process.platform}` }
  try { execFileSync('gcc', ['--version'], { stdio: 'ignore' }) }
  catch { return { skipped: 'gcc is not installed, and the shim is written in C' } }
  const folder = join(ROOT, 'node_modules/.cache/or3-soak')
  const library = join(folder, 'power-shim.so')
  mkdirSync(folder, { recursive: true })
  execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-Wall', '-Werror', '-o', library, join(import.meta.dirname, 'power-shim.c'), '-ldl', '-lpthread'], { stdio: ['ignore', 'inherit', 'inherit'] })
  return { library }
}
