import { loadNuxtConfig } from '@nuxt/kit'
import type { NuxtOptions } from '@nuxt/schema'
import { defu } from 'defu'
import type { ModuleOptions } from '../../options'
import type { ModulePaths } from '../../setup/paths'
import { findModule } from './find-module'
import { findPackage } from './find-package'
import { Findings, type Finding } from './finding'
import { readAppSettings, type AppSettings } from './read-app-settings'

/** Where the doctor looks. */
export interface Surroundings {
  /** Absolute folder of the app. */
  rootDir: string
  env: Readonly<Record<string, string | undefined>>
  /** What stands in `.env`. These variables are in `env` as well. */
  envFile: Readonly<Record<string, string>>
  /** Of this package. */
  paths: ModulePaths
  /** Version of Node, such as `v24.1.0`. */
  node: string
}

/** What the checks look at. */
export interface ExaminedApp extends Surroundings {
  nuxt: NuxtOptions
  /** Whether the app lists the module. */
  hasModule: boolean
  settings: AppSettings
}

/** Loads `nuxt.config` with its layers, and reads the module's settings. */
export async function readApp(surroundings: Surroundings): Promise<ExaminedApp | { problem: Finding }> {
  const { rootDir, paths } = surroundings
  const problem = (message: string, fix: string) => {
    const findings = new Findings('app')
    findings.error(message, fix)
    return { problem: findings.list[0]! }
  }
  if (!findPackage('nuxt', rootDir)) return problem(`Nuxt is not installed in ${rootDir}`, 'run this in the folder of a Nuxt app, after npm install')
  let nuxt: NuxtOptions
  try { nuxt = await loadNuxtConfig({ cwd: rootDir, dotenv: false, jitiOptions: { fsCache: false } }) }
  catch (error) { return problem(`nuxt.config cannot be loaded: ${(error as Error).message}`, 'mend the file') }
  const found = await findModule(nuxt, paths)
  const options = defu(found?.options, (nuxt as { or3Sync?: ModuleOptions }).or3Sync) as Record<string, unknown>
  return { ...surroundings, nuxt, hasModule: found !== null, settings: readAppSettings(options, nuxt, surroundings.env) }
}
