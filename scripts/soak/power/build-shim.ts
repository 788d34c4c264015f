import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { soakFolder } from '../bundle-soak.ts'

/** @returns why no power can be cut on this machine; null: it can */
export function whyNoShim(): string | null {
  if (process.platform !== 'linux') return `the shim is preloaded by the loader of Linux, and this is ${process.platform}`
  try { execFileSync('gcc', ['--version'], { stdio: 'ignore' }) }
  catch { return 'gcc is not installed, and the shim is written in C' }
  return null
}

/** Compiles power-shim.c. @returns the library's path */
export function buildShim(): string {
  const library = join(soakFolder(), 'power-shim.so')
  execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-Wall', '-Werror', '-o', library, join(import.meta.dirname, 'power-shim.c'), '-ldl', '-lpthread'], { stdio: ['ignore', 'inherit', 'inherit'] })
  return library
}
