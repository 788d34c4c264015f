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

/** Makes an HTTP error whose message is meant for users. */
export function refuse(statusCode: keyof typeof STATUS, message: string): Error {
  return createError({ statusCode, statusMessage: STATUS[statusCode], message })
}
