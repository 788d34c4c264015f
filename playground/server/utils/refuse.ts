const STATUS = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' } as const

/** An answer that says no, in words for people. */
export function refuse(statusCode: keyof typeof STATUS, message: string): Error {
  return createError({ statusCode, statusMessage: STATUS[statusCode], message })
}
