import type { WireErrorCode } from '#or3-sync/shared/sync/protocol/types'

const STATUS_TEXT: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
}

/** A request that the gateway refuses. The message goes to the client, so it must not reveal anything about the server's inside. */
export class GatewayError extends Error {
  override name = 'GatewayError'

  constructor(
    readonly statusCode: number,
    readonly code: WireErrorCode,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message)
  }

  /** h3's error JSON. */
  toJSON() {
    return {
      statusCode: this.statusCode,
      statusMessage: STATUS_TEXT[this.statusCode] ?? 'Error',
      message: this.message,
      data: { code: this.code, message: this.message },
    }
  }
}
