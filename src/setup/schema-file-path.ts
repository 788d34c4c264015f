import { resolvePath } from '@nuxt/kit'
import type { NuxtOptions } from '@nuxt/schema'
import { resolve } from 'pathe'

/** Where the schema file is expected: as the option says, else in the app's shared folder. It need not exist. */
export async function schemaFilePath(option: string, { rootDir, dir, alias }: Pick<NuxtOptions, 'rootDir' | 'dir' | 'alias'>): Promise<string> {
  return option ? resolvePath(option, { cwd: rootDir, alias }) : resolve(rootDir, dir.shared, 'sync.schema.ts')
}
