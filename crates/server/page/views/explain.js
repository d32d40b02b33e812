export const title = 'explain';
export async function show(root) { root.textContent = 'explain'; }
