import { SyncSchemaError } from './sync-schema-error'

const WIRE_NAME = /^[a-z]\w{0,63}$/i

/** Refuses invalid wire names, and two tables with the same one. @throws SyncSchemaError */
export function checkWireNames(tables: Readonly<Record<string, { wireName?: unknown }>>): void {
  const taken = new Map<string, string>()
  for (const [name, { wireName = name }] of Object.entries(tables)) {
    const fail = (message: string): never => { throw new SyncSchemaError(`table "${name}": ${message}`, { table: name, field: 'wireName' }) }
    if (typeof wireName !== 'string' || !WIRE_NAME.test(wireName)) {
      return fail(`wireName must be 1 to 64 letters, digits or underscores, starting with a letter, not ${JSON.stringify(wireName) ?? String(wireName)}`)
    }
    const other = taken.get(wireName)
    if (other !== undefined) fail(`its name on the wire, "${wireName}", is also that of table "${other}"; give one of them another wireName`)
    taken.set(wireName, name)
  }
}
