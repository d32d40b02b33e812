// A list that changes in place: what stays keeps its element, with its focus and its selection.

const kept = new WeakMap();

/** Shows `items` in `parent`, one element each. `make(item)` gives {node, update?(item)}; `keyOf(item)` tells them apart. */
export function keyed(parent, items, keyOf, make) {
  const before = kept.get(parent) ?? new Map();
  const after = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (after.has(key)) continue;
    const row = before.get(key) ?? make(item);
    row.update?.(item);
    after.set(key, row);
  }
  for (const [key, row] of before) if (!after.has(key)) row.node.remove();
  let place = parent.firstChild;
  for (const row of after.values()) {
    if (row.node === place) place = place.nextSibling;
    else parent.insertBefore(row.node, place);
  }
  kept.set(parent, after);
}

/** Sets a text only where it changes, so that nothing is drawn or read out for nothing. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
