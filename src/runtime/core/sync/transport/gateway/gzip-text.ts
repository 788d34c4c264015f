/** Whether this browser can compress at all. */
export function canGzip(): boolean {
  return typeof CompressionStream === 'function'
}

export async function gzipText(text: string): Promise<ArrayBuffer> {
  return await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer()
}
