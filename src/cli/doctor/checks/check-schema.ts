import { existsSync } from 'node:fs'
import { relative } from 'pathe'
import type { StartError } from '../../../runtime/shared/sync/errors/start-error'
import { findMisplacedSchema } from '../../../setup/find-misplaced-schema'
import { loadSchemaFile } from '../../../setup/load-schema-file'
import { schemaFilePath } from '../../../setup/schema-file-path'
import { Findings, type Finding } from '../finding'
import type { ExaminedApp } from '../read-app'

/** Whether there is a schema file, and whether it can be used. */
export async function checkSchema({ nuxt, settings, paths }: Pick<ExaminedApp, 'nuxt' | 'settings' | 'paths'>): Promise<Finding[]> {
  const findings = new Findings('schema')
  const { schema } = settings.values
  const file = await schemaFilePath(schema, nuxt)
  const shown = relative(nuxt.rootDir, file)
  if (!existsSync(file)) {
    const misplaced = findMisplacedSchema({ options: nuxt })
    if (schema) findings.error(`or3Sync.schema is "${schema}", which does not exist`, 'correct the path, or remove the option and create shared/sync.schema.ts', 'schema-not-found')
    else if (misplaced) findings.error(`${misplaced} is not read, and the tables are those of the preset "or3"`, `move it to ${shown}, or set or3Sync.schema to '${misplaced}'`, 'misplaced-schema')
    else findings.warning(`there is no ${shown}, so the tables are those of the preset "or3"`, `create ${shown} with export default defineSyncSchema({ … })`, 'preset-schema')
    return findings.list
  }
  try {
    const { tables, version } = await loadSchemaFile(file, { options: nuxt }, paths)
    findings.ok(`${shown}: version ${version}, tables ${Object.keys(tables).join(', ')}`)
  }
  catch (error) {
    findings.error((error as StartError).message, 'correct the schema file there', 'schema-invalid')
  }
  return findings.list
}
