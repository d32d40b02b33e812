// A person's inbox as it grows: a WebSocket with a ticket, resumed from the last message that was seen.

import { post } from './api.js';

const SLOWEST = 15_000;

/**
 * Listens until the signal ends it. `since` is where to begin; `told(message)`, `turned(state)` (`live`, `again`), `lost()` where some
 * are gone. With `acks` it says that messages were seen, while the page is.
 */
export function follow(user, {since, told, turned, lost, acks, signal}) {
  let position = since;
  let failures = 0;
  let timer;
  let socket;
  const again = () => {
    if (signal.aborted) return;
    turned('again');
    failures += 1;
    clearTimeout(timer);
    timer = setTimeout(open, Math.min(SLOWEST, 400 * 2 ** Math.min(failures, 6)) * (0.6 + Math.random() * 0.8));
  };
  const take = ({data}) => {
    let message;
    try { message = JSON.parse(data); } catch { return; }
    if (message.type === 'reset') lost();
    if (message.type === 'notification') {
      told(message);
      // A hidden page has shown nobody anything: the fallback is to be taken then.
      if (acks && !document.hidden) socket.send(JSON.stringify({type: 'ack', seq: message.seq}));
    }
    if (message.position !== undefined) position = String(message.position);
  };
  async function open() {
    try {
      const {ticket} = await post('/v1/push/ticket', {user}, signal);
      if (signal.aborted) return;
      const query = new URLSearchParams({since: position, ticket});
      socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/v1/push?${query}`);
      socket.onopen = () => { failures = 0; turned('live'); };
      socket.onmessage = take;
      socket.onclose = again;
    } catch (error) {
      // Who may not listen is not to ask for ever.
      if (error.status === 403 || error.status === 404 || error.status === 422) turned('refused', error);
      else again();
    }
  }
  const sooner = () => { if (!socket || socket.readyState === WebSocket.CLOSED) { failures = 0; clearTimeout(timer); open(); } };
  addEventListener('online', sooner, {signal});
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    if (socket) { socket.onclose = null; socket.close(); }
  });
  turned('again');
  open();
}
