// What both modules of the live page build with. Texts reach the page as text nodes only.

export const byId = (id) => document.getElementById(id);

/** An element; attributes that are null or false are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

export const number = (value, digits = 0) =>
  value == null ? '–' : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const percent = (share) => (share == null ? '–' : `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`);
export const bytes = (count) => {
  const unit = Math.min(3, Math.floor(Math.log2(Math.max(1, count)) / 10));
  return `${number(count / 1024 ** unit, unit ? 1 : 0)} ${['B', 'KiB', 'MiB', 'GiB'][unit]}`;
};
export const age = (millis) => {
  if (millis == null) return 'never read';
  if (millis < 1000) return `${Math.round(millis)} ms`;
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`;
  return millis < 3_600_000 ? `${Math.round(millis / 60_000)} min` : `${(millis / 3_600_000).toFixed(1)} h`;
};
export const micros = (value) => (value < 1000 ? `${Math.round(value)} µs` : `${(value / 1000).toFixed(1)} ms`);
export const clock = (millis) => new Date(millis).toLocaleTimeString('en-GB');
export const shortName = (id) => (id == null ? '–' : id.slice(id.indexOf('/') + 1));
export const words = (name) => name.replaceAll('_', ' ');

/** Changes a text only where it differs, so that a screen reader's place and a selection stay. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function pill(state, text) {
  return el('span', { class: 'pill', 'data-state': state }, text);
}

export function bar(share, text, state) {
  const track = el('i');
  track.style.setProperty('--share', Math.min(1, Math.max(0, share || 0)));
  return el('div', { class: 'bar', 'data-state': state }, track, el('b', {}, text));
}

/** Names with their values, each with a note or without. */
export function facts(entries) {
  return el('dl', { class: 'facts' }, ...entries.filter(Boolean).map(([name, value, note]) =>
    el('div', {}, el('dt', {}, name), el('dd', {}, value instanceof Node ? value : String(value), note ? el('small', {}, ` ${note}`) : null))));
}

/** A cell that is the darker the higher its share of the most is. */
export function heatCell(share, text, note) {
  const cell = el('td', { class: 'cell' }, text, note ? el('small', {}, note) : null);
  cell.style.setProperty('--v', Math.min(1, Math.max(0, share)).toFixed(3));
  return cell;
}
