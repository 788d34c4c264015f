import { getConvexSize, jsonToConvex, type JSONValue, type Value } from 'convex/values'

/** Convex's limits of one document, which `convex-test` does not enforce. Bytes and counts. */
export const DOCUMENT_LIMITS = { bytes: 1024 * 1024, nesting: 16, array: 8_192, fields: 1_024 } as const
/** Bytes of a function's arguments, and of its result. */
export const CALL_MAX_BYTES = 16 * 1024 * 1024

/** @throws Error that names the rule, as the real database does when such a document is written. */
export function checkDocument(table: string, json: JSONValue): void {
  const document = jsonToConvex(json)
  checkValue(document, `table "${table}"`, 1, true)
  const bytes = getConvexSize(document)
  if (bytes > DOCUMENT_LIMITS.bytes) throw new Error(`Value is too large (${bytes} bytes > maximum size ${DOCUMENT_LIMITS.bytes}) in table "${table}"`)
}

/** @throws Error for arguments or results that no deployment would carry. */
export function checkCall(what: string, json: JSONValue): void {
  const bytes = getConvexSize(jsonToConvex(json))
  if (bytes > CALL_MAX_BYTES) throw new Error(`${what} is too large: ${bytes} bytes, the maximum is ${CALL_MAX_BYTES}`)
}

function checkValue(value: Value | undefined, where: string, depth: number, isDocument = false): void {
  if (value === null || typeof value !== 'object' || value instanceof ArrayBuffer) return
  if (depth > DOCUMENT_LIMITS.nesting) throw new Error(`Value is nested too deeply (maximum ${DOCUMENT_LIMITS.nesting}) in ${where}`)
  if (Array.isArray(value)) {
    if (value.length > DOCUMENT_LIMITS.array) throw new Error(`Array is too long (${value.length} > maximum ${DOCUMENT_LIMITS.array}) in ${where}`)
    for (const item of value) checkValue(item, where, depth + 1)
    return
  }
  const fields = Object.entries(value)
  if (fields.length > DOCUMENT_LIMITS.fields) throw new Error(`Object has too many fields (${fields.length} > maximum ${DOCUMENT_LIMITS.fields}) in ${where}`)
  for (const [name, field] of fields) {
    checkFieldName(name, where, isDocument)
    checkValue(field as Value | undefined, where, depth + 1)
  }
}

/** The rest of the rules of names is the client's and `convex-test`'s own. */
function checkFieldName(name: string, where: string, isDocument: boolean): void {
  const isSystemField = isDocument && (name === '_id' || name === '_creationTime')
  const isWrong = name === '' || (isDocument && name.startsWith('_') && !isSystemField)
  if (isWrong) throw new Error(`Field name ${JSON.stringify(name)} is not allowed in ${where}`)
}
