import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const CORE = 'src/runtime/core/sync'
const STORE = 'src/runtime/shared/sync/store'

const FOLDERS = [`${CORE}/decide`, `${CORE}/merge`]

const FILES = [
  ...['settle-push', 'settle-winners', 'unreached-winners', 'note-answers', 'restamp-edit', 'batch-packer', 'collect-batch'].map(name => `${CORE}/push/${name}.ts`),
  `${CORE}/queue/outbox-window.ts`,
  ...['page-taker', 'level-step', 'rescan-sweep', 'change-applier'].map(name => `${CORE}/pull/${name}.ts`),
  ...['plan-push', 'fold-push', 'push-memory'].map(name => `${STORE}/${name}.ts`),
]

/**
 * The files whose branches `npm run sim -- --coverage` counts: those that decide what becomes of an edit or a change.
 *
 * @returns paths relative to `root`, sorted.
 * @throws Error when a file is no longer there.
 */
export function coveredFiles(root: string): string[] {
  const gone = FILES.filter(file => !existsSync(join(root, file)))
  if (gone.length) throw new Error(`no such file: ${gone.join(', ')}; correct scripts/sim-coverage/covered-files.ts`)
  const inFolders = FOLDERS.flatMap(folder => readdirSync(join(root, folder)).filter(name => name.endsWith('.ts')).map(name => `${folder}/${name}`))
  return [...inFolders, ...FILES].sort()
}
