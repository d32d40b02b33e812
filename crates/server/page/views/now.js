export const title = 'now';
export async function show(root) { root.textContent = 'now'; }
