/** What the gateway's provider of this page makes its requests with. Undefined: the browser's `fetch`. The inspector puts its own here. */
export const gatewayFetch: { current?: typeof globalThis.fetch } = {}
