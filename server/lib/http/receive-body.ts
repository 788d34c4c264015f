import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import { REQUEST_MAX_BYTES } from '#or3-sync/shared/sync/protocol/limits'
import { DISCARD_MAX_BYTES } from './discard-body'
import { bodyError } from './body-error'

export interface ReceiveBodyOptions {
  /** Whether the body is compressed. */
  gzip: boolean
  /** Milliseconds the body may take to arrive. */
  timeoutMs: number
}

/**
 * Receives and unpacks a body. It never holds more than the limit. More bytes are counted and dropped, because a client may read its answer
 * only after it has sent everything.
 *
 * @throws GatewayError 413 over 1 MiB, 408 too slow, 400 broken off or not gzip
 */
export function receiveBody(req: IncomingMessage, { gzip, timeoutMs }: ReceiveBodyOptions): Promise<Buffer> {
  // The client left while the request waited for room. No event would come any more.
  if (req.destroyed) return Promise.reject(bodyError.incomplete())
  return new Promise((resolve, reject) => {
    const unpack = gzip ? createGunzip() : undefined
    const chunks: Buffer[] = []
    let [size, arrived] = [0, 0]
    const timer = setTimeout(() => fail(bodyError.tooSlow(timeoutMs)), timeoutMs)
    const stop = () => {
      clearTimeout(timer)
      req.removeAllListeners('data')
      unpack?.destroy()
    }
    const fail = (error: Error) => {
      stop()
      chunks.length = 0
      reject(error)
    }
    const finish = () => {
      if (size > REQUEST_MAX_BYTES) return fail(bodyError.tooLarge())
      stop()
      resolve(Buffer.concat(chunks))
    }
    const take = (chunk: Buffer) => {
      size += chunk.byteLength
      if (size <= REQUEST_MAX_BYTES) chunks.push(chunk)
      // A few compressed bytes can unpack to any size, so the end is not waited for.
      else if (unpack) fail(bodyError.tooLarge())
      else chunks.length = 0
    }
    req.on('data', (chunk: Buffer) => {
      arrived += chunk.byteLength
      if (arrived > DISCARD_MAX_BYTES) return fail(bodyError.tooLarge())
      if (!unpack) return take(chunk)
      if (unpack.write(chunk)) return
      req.pause()
      unpack.once('drain', () => req.resume())
    })
    req.on('end', () => unpack ? unpack.end() : finish())
    req.on('error', () => fail(bodyError.incomplete()))
    req.on('close', () => { if (!req.complete) fail(bodyError.incomplete()) })
    unpack?.on('data', take).on('end', finish).on('error', () => fail(bodyError.noGzip()))
  })
}
