import { accessSync, constants, existsSync, openSync, closeSync, readSync, statSync } from 'node:fs'
import { dirname, resolve } from 'pathe'
import { SQLITE_PATH } from '../../../runtime/shared/sync/settings/module-settings'
import { findPackage } from '../find-package'
import { Findings, type Finding } from '../finding'
import type { ExaminedApp } from '../read-app'
import { isInRange } from '../version-range'

/** Since then Node has `node:sqlite` without a flag. */
const SQLITE_SINCE = '>=22.13.0'
const SQLITE_HEADER = 'SQLite format 3\0'

/** Whether the store can be opened. It looks, and does not open it. */
export function checkStore(app: Pick<ExaminedApp, 'rootDir' | 'node' | 'settings'>): Finding[] {
  const findings = new Findings('store')
  const { backend, convexUrl, sqlitePath } = app.settings.values
  const store = backend || (convexUrl ? 'convex' : 'sqlite')
  if (convexUrl || store === 'convex') checkConvexPackage(app, findings)
  if (store === 'postgres') findings.error('OR3_SYNC_BACKEND is "postgres", which this version does not have', 'use sqlite or convex', 'backend-not-in-build')
  else if (store === 'convex') checkConvex(app, findings)
  else checkSqlite(resolve(app.rootDir, sqlitePath || SQLITE_PATH), app.node, findings)
  return findings.list
}

function checkConvexPackage({ rootDir }: Pick<ExaminedApp, 'rootDir'>, findings: Findings): void {
  if (!findPackage('convex', rootDir)) findings.error('the configuration asks for Convex, and the package "convex" is not installed', 'run: npm install convex', 'convex-not-installed')
}

function checkConvex({ settings: { values: { convexUrl }, hasTokenKey } }: Pick<ExaminedApp, 'settings'>, findings: Findings): void {
  if (!convexUrl) findings.error('the store is Convex, and no URL of a deployment is set', 'set CONVEX_URL or VITE_CONVEX_URL', 'convex-without-url')
  if (!hasTokenKey) findings.error('the store is Convex, and there is no key that signs tokens', 'set OR3_SYNC_TOKEN_KEY', 'convex-without-key')
  if (convexUrl && hasTokenKey) findings.ok(`Convex at ${convexUrl}`)
}

function checkSqlite(file: string, node: string, findings: Findings): void {
  if (!isInRange(node, SQLITE_SINCE)) findings.error(`the SQLite store needs node:sqlite, which Node ${node} does not have`, 'use Node 22.13 or newer; 24 is recommended', 'sqlite-needs-node')
  const problem = fileProblem(file)
  if (problem) findings.error(`the SQLite store ${file} cannot be used: ${problem}`, 'name a file that the server may write in OR3_SYNC_SQLITE_PATH', 'sqlite-not-opened')
  else if (findings.list.length === 0) findings.ok(`SQLite in ${file}`)
}

/** Why the file cannot be a store. Null: it can, as far as one can tell without opening it. */
function fileProblem(file: string): string | null {
  if (file.endsWith(':memory:')) return null
  if (!existsSync(file)) return folderProblem(dirname(file))
  if (!statSync(file).isFile()) return 'it is a folder'
  if (!isAccessible(file, constants.R_OK | constants.W_OK)) return 'it cannot be written'
  if (!isSqlite(file)) return 'it is no SQLite database'
  return isAccessible(dirname(file), constants.W_OK) ? null : 'its folder cannot be written'
}

/** The server creates missing folders, so the nearest one that exists counts. */
function folderProblem(folder: string): string | null {
  if (!existsSync(folder)) return folderProblem(dirname(folder))
  if (!statSync(folder).isDirectory()) return `${folder} is no folder`
  return isAccessible(folder, constants.W_OK) ? null : `${folder} cannot be written`
}

function isAccessible(path: string, mode: number): boolean {
  try { accessSync(path, mode) }
  catch { return false }
  return true
}

/** SQLite makes an empty file a database. */
function isSqlite(file: string): boolean {
  const start = Buffer.alloc(SQLITE_HEADER.length)
  const opened = openSync(file, 'r')
  try { return readSync(opened, start) === 0 || start.toString('latin1') === SQLITE_HEADER }
  finally { closeSync(opened) }
}
