export const title = 'inbox';
export async function show(root) { root.textContent = 'inbox'; }
