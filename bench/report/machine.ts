import { execFileSync } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'
import { launchChromium } from '../../test/support/launch-chromium.ts'
import type { ResultFile } from './result-file.ts'

/** Describes the machine. Call it before anything is measured: it reads the load. */
export async function describeMachine(): Promise<ResultFile['machine']> {
  const loadBefore = loadavg()[0]!
  const browser = await launchChromium()
  const chromium = browser.version()
  await browser.close()
  const all = cpus()
  return { cpu: all[0]?.model.trim() ?? 'unknown', cores: all.length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.versions.node, chromium, loadBefore }
}

/** The short id of the commit that is checked out. */
export function currentCommit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') ? '-dirty' : ''}`
}
