import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'

/** A TCP relay before the server, one for each device: what a device has instead of a network. */
export class Relay {
  readonly #server: Server
  readonly #target: () => number
  readonly #pairs = new Set<[Socket, Socket]>()
  #isStalled = false
  #refuses = false

  private constructor(target: () => number) {
    this.#target = target
    this.#server = createServer(client => this.#connect(client))
  }

  /** `target`: the server's port, asked for each connection. */
  static async open(target: () => number): Promise<Relay> {
    const relay = new Relay(target)
    await new Promise<void>(resolve => relay.#server.listen(0, '127.0.0.1', resolve))
    return relay
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ends all connections, in the middle of whatever they carry. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy()
    this.#pairs.clear()
  }

  /** While true, nothing is carried in either direction, and nobody is told. What comes meanwhile is carried afterwards. */
  setStalled(isStalled: boolean): void {
    this.#isStalled = isStalled
    for (const socket of [...this.#pairs].flat()) {
      if (isStalled) socket.pause()
      else socket.resume()
    }
  }

  /** While true, all connections are cut and new ones are ended at once. */
  setRefusing(refuses: boolean): void {
    this.#refuses = refuses
    if (refuses) this.cut()
  }

  close(): void {
    this.setRefusing(true)
    this.#server.close()
  }

  #connect(client: Socket): void {
    client.on('error', () => {})
    if (this.#refuses) {
      client.resetAndDestroy()
      return
    }
    const upstream = connect(this.#target(), '127.0.0.1')
    const pair: [Socket, Socket] = [client, upstream]
    this.#pairs.add(pair)
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      from.on('data', (chunk) => { if (!to.write(chunk)) from.pause() })
      to.on('drain', () => { if (!this.#isStalled) from.resume() })
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
      from.on('close', () => {
        to.destroy()
        this.#pairs.delete(pair)
      })
      if (this.#isStalled) from.pause()
    }
  }
}
