// Server-sent events out of pieces of text, as the HTML standard reads them. Where the text comes from is the caller's.

/** The longest line that is kept: what is longer comes from no daemon of ours. */
const MOST = 1_000_000;

/** A function that takes text and calls back with each {kind, data, id}. */
export function parser(tell) {
  let rest = '';
  let message = {kind: 'message', data: [], id: ''};
  const line = (text) => {
    if (text === '') {
      if (message.data.length > 0) tell({kind: message.kind, data: message.data.join('\n'), id: message.id});
      message = {kind: 'message', data: [], id: ''};
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') message.kind = value;
    else if (field === 'data') message.data.push(value);
    else if (field === 'id' && !value.includes('\0')) message.id = value;
  };
  return (text) => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    if (rest.length > MOST) throw new Error('a line without end');
    lines.forEach(line);
  };
}
