/** Which records of one table a list asks for. Deleted ones are never among them. */
export interface ListRequest {
  workspaceId: string
  /** Wire name. */
  tableName: string
  /** Only keys that begin with it. Well-formed Unicode. Absent: all. */
  prefix?: string
  /** Only keys after this one, in the order asked for. Absent: from the first. */
  after?: string
  /** Rows. */
  limit: number
  /** By the code points of the keys, which is also the order of their UTF-8 bytes. It differs from JavaScript's own. */
  order: 'asc' | 'desc'
  /** UTF-8 bytes of payloads, keys and device ids after which the list ends. It always holds at least one row. */
  maxBytes: number
}
