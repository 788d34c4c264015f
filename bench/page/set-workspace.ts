/** Tells the benchmark's server in which workspace this page's user is. */
export function setWorkspace(workspace: string): void {
  document.cookie = `workspace=${workspace}; path=/`
}
