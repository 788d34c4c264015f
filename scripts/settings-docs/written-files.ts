import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { numberTable } from './number-table'
import { gatewayTable, moduleTable } from './option-tables'
import { moduleOptionTypes, runtimeConfigTypes, settingTypes } from './option-types'

const ROOT = join(import.meta.dirname, '../..')

/** Every file that says what declared settings are, as it ought to be. */
export function writtenFiles(): Map<string, string> {
  return new Map([
    ['src/runtime/shared/sync/settings/setting-types.ts', settingTypes()],
    ['src/options.ts', moduleOptionTypes()],
    ['src/runtime-config.ts', runtimeConfigTypes()],
    ['docs/configuration.md', withTables('docs/configuration.md', { options: moduleTable(), numbers: numberTable() })],
    ['docs/backends.md', withTables('docs/backends.md', { values: gatewayTable() })],
  ])
}

/** A page with its tables anew, each between `<!-- name: … -->` and `<!-- /name -->`. */
function withTables(file: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((page, [name, table]) => {
    const between = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[^]*(<!-- /${name} -->)`)
    if (!between.test(page)) throw new Error(`${file} has no place for the table "${name}"`)
    return page.replace(between, (_, start, end) => `${start}${table}${end}`)
  }, readFileSync(join(ROOT, file), 'utf8'))
}
