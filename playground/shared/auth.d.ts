declare module '#auth-utils' {
  interface User {
    /** The name in lower case. */
    id: string
    name: string
  }
}

export {}
