/** A mistake in a schema file. `table` and `field` say where to look. */
export class SyncSchemaError extends Error {
  override name = 'SyncSchemaError'
  readonly table?: string
  readonly field?: string

  constructor(message: string, where: { table?: string, field?: string } = {}) {
    super(message)
    this.table = where.table
    this.field = where.field
  }
}
