/** A file of functions, as `import *` gives it. */
export type FunctionModule = Record<string, unknown>

/** What `queryGeneric` and its siblings return, as far as a deployment looks at it. */
export interface RegisteredFunction {
  isQuery?: boolean
  isMutation?: boolean
  isPublic?: boolean
  _handler: (ctx: unknown, args: unknown) => unknown
}

export function isRegistered(value: unknown): value is RegisteredFunction {
  return typeof value === 'function' && '_handler' in value
}
