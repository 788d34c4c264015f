import type { H3Event } from 'h3'
import { z } from 'zod'

/** The name of a person or workspace. */
export const nameField = z.string({ error: 'must be text' })
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'has at most 100 characters')
  .refine(text => text.isWellFormed(), 'must be well-formed Unicode')
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  .regex(/^[^\u0000-\u001F\u007F]*$/, 'must not contain control characters')

/** Reads and checks the JSON body. Answers 400 with the name of the first wrong field. */
export async function readForm<T extends z.ZodType>(event: H3Event, schema: T): Promise<z.output<T>> {
  const body: unknown = await readBody(event).catch(() => undefined)
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const field = issue?.path.join('.')
  throw refuse(400, field ? `${field} ${issue?.message}` : 'the body must be a JSON object')
}
