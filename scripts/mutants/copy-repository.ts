import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Folders made by `npm install`. They are linked, because they are too large to copy and only read here. */
const LINKED = ['node_modules', '.nuxt']

export interface RepositoryCopy {
  folder: string
  remove: () => void
}

/** Copies the repository, including changes that are not committed, to a temporary folder in which mutants may break it. */
export function copyRepository(root: string): RepositoryCopy {
  const folder = mkdtempSync(join(tmpdir(), 'or3-mutants-'))
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  for (const file of listed.split('\0')) {
    // Skip files that were deleted but are still in git's index.
    if (!file || !existsSync(join(root, file))) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    copyFileSync(join(root, file), join(folder, file))
  }
  for (const name of LINKED) {
    if (existsSync(join(root, name))) symlinkSync(join(root, name), join(folder, name))
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
