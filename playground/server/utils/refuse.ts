import { createError } from 'h3'

const STATUS = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  411: 'Length Required',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
} as const

/** An answer that says no, in words for people. */
export function refuse(statusCode: keyof typeof STATUS, message: string): Error {
  return createError({ statusCode, statusMessage: STATUS[statusCode], message })
}
