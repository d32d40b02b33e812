// The matrix: for all agents and for each agent, every channel on, off or inherited, and who decides. What is saved is the draft's business.

import { el, fill, said } from '../ui.js';
import { threeStates } from './choice.js';
import { LAYERS, agentsOf, channelsOf, decision, switchPath } from './wishes.js';

/** `{node, refresh()}`; `changed()` hears of each change, `redraw()` of rows that came. */
export function matrix(state, changed) {
  const added = state.addedAgents;
  const body = el('tbody', {});
  const head = el('tr', {});
  let cells = [];

  function draw() {
    const wishes = state.draft.result();
    const channels = channelsOf(state.answer, wishes);
    cells = [];
    fill(head, el('th', {scope: 'col'}, 'For'), channels.map((channel) => el('th', {scope: 'col'}, said(channel, 40))));
    const agents = [...new Set([...agentsOf(wishes, state.answer.agents), ...added])];
    fill(body, [null, ...agents].map((agent) => row(agent, channels)));
    refresh();
  }

  function row(agent, channels) {
    const name = agent === null ? el('strong', {}, 'Every agent') : said(agent, 60, {class: 'strong'});
    return el('tr', {test: 'preferences-row', 'data-agent': agent ?? ''}, el('th', {scope: 'row'}, name),
      channels.map((channel) => cell(agent, channel)));
  }

  function cell(agent, channel) {
    const label = `${channel} for ${agent ?? 'every agent'}`;
    const why = el('span', {class: 'by'});
    const node = el('td', {});
    const states = threeStates({label, test: 'preferences-switch', changed: (value) => {
      state.draft.set(switchPath(agent, channel), value);
      changed();
      refresh();
    }});
    cells.push({agent, channel, node, states, why});
    return fill(node, el('span', {class: 'channel-name'}, said(channel, 40)), states.node, why);
  }

  function refresh() {
    const wishes = state.draft.result();
    for (const {agent, channel, node, states, why} of cells) {
      const {own, on, by} = decision(state.answer, wishes, agent, channel);
      states.put(own);
      const word = on === undefined ? 'as the operator has it' : `${on ? 'on' : 'off'} · ${LAYERS[by] ?? by}`;
      why.textContent = word;
      why.dataset.on = String(on ?? '');
      node.toggleAttribute('data-edited', state.draft.isEdited(switchPath(agent, channel)));
    }
  }

  const name = el('input', {placeholder: 'an agent’s id', 'aria-label': 'An agent’s id', test: 'preferences-agent', autocomplete: 'off',
    spellcheck: 'false', maxlength: 256});
  const form = el('form', {class: 'row add-agent', onsubmit: (event) => {
    event.preventDefault();
    if (name.value.trim() === '') return;
    added.add(name.value.trim());
    name.value = '';
    draw();
    body.lastElementChild?.querySelector('input')?.focus();
  }}, name, el('button', {type: 'submit', test: 'preferences-add-agent'}, 'Add agent'));

  draw();
  const node = el('section', {class: 'card', 'aria-label': 'Channels'},
    el('header', {}, el('h2', {}, 'Channels'), el('span', {class: 'muted'}, 'an agent’s own row goes before the first')),
    el('div', {class: 'scroll'}, el('table', {class: 'matrix', test: 'preferences-matrix'}, el('caption', {class: 'unseen'}, 'Channels by agent'),
      el('thead', {}, head), body)),
    el('div', {class: 'body add'}, form));
  return {node, refresh};
}
