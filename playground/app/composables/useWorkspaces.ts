/** The user's workspaces, and the one that is open. */
export function useWorkspaces() {
  const session = useSyncSession()

  async function create(name: string) {
    const { id } = await $fetch('/api/workspaces', { method: 'POST', body: { name } })
    await session.refresh()
    await session.switchWorkspace(id)
  }

  return {
    list: computed(() => session.workspaces),
    current: computed(() => session.workspaces.find(workspace => workspace.id === session.workspaceId)),
    create,
    open: (id: string) => session.switchWorkspace(id),
  }
}
