export const title = 'deliveries';
export async function show(root) { root.textContent = 'deliveries'; }
