// The live page of the endpoint picker. Texts of clients and servers reach the page as text nodes only.

import { age, bar, byId, bytes, clock, el, facts, heatCell, micros, number, percent, pill, setText, shortName, words } from './parts.js';
import { showDecision } from './decision.js';

const MAX_ROWS = 200; // decisions in the list
const SPARK = 60; // seconds of the rate's curve
const HIDDEN_FOR = 60_000; // then a tab in the background stops to watch
const RETRY = 5_000;

const view = { now: byId('view-now'), decision: byId('view-decision'), replicas: byId('view-replicas'), configuration: byId('view-configuration') };
const state = { pool: null, status: null, rates: [], refusedRates: [], recent: [], isPaused: false, refused: 0, decided: 0 };

// ---------------------------------------------------------------- connection

let source = null;
let again = 0;
let hiddenTimer = 0;

function connection(kind, text) {
  const node = byId('connection');
  node.dataset.state = kind;
  setText(node, text);
}

function connect() {
  clearTimeout(again);
  source?.close();
  if (state.isPaused) return;
  const query = new URLSearchParams(new FormData(byId('filters')));
  const opened = new EventSource(`live/events?${query}`);
  source = opened;
  const on = (name, show) => opened.addEventListener(name, (event) => source === opened && show(JSON.parse(event.data)));
  on('status', showStatus);
  on('pool', showPool);
  on('decisions', showDecisions);
  opened.addEventListener('open', () => source === opened && connection('good', 'Live'));
  opened.addEventListener('error', () => source === opened && lost(opened));
}

async function lost(opened) {
  if (opened.readyState !== EventSource.CLOSED) {
    connection('warn', 'Reconnecting');
    return;
  }
  again = setTimeout(connect, RETRY);
  const status = await refusal();
  if (source !== opened || state.isPaused) return;
  const reasons = { 401: 'Signed out: reload', 403: 'Not permitted', 503: 'Too many watchers' };
  connection('bad', reasons[status] ?? 'No answer');
}

/** How events are answered. Asked with GET as everything here: who may read may use no other method. */
async function refusal() {
  const stop = new AbortController();
  const answer = await fetch('live/events', { signal: stop.signal }).catch(() => null);
  stop.abort();
  return answer?.status;
}

function disconnect(text) {
  clearTimeout(again);
  source?.close();
  source = null;
  connection('waiting', text);
}

byId('pause').addEventListener('click', (event) => {
  state.isPaused = !state.isPaused;
  event.currentTarget.setAttribute('aria-pressed', state.isPaused);
  setText(event.currentTarget, state.isPaused ? 'Go on' : 'Pause');
  if (state.isPaused) disconnect('Paused');
  else connect();
});

document.addEventListener('visibilitychange', () => {
  clearTimeout(hiddenTimer);
  if (document.hidden) hiddenTimer = setTimeout(() => disconnect('Asleep'), HIDDEN_FOR);
  else if (source == null && !state.isPaused) connect();
});

// ---------------------------------------------------------------- now

function showPool(pool) {
  state.pool = pool;
  setText(byId('pool-name'), pool.name);
  document.title = `${pool.name} – endpoint picker`;
  const shown = pool.endpoints.length;
  const note = shown < pool.size ? `${shown} of ${number(pool.size)}: those out of service and with the longest queues` : `${number(pool.size)} in the pool`;
  setText(byId('endpoints-note'), note);
  byId('no-endpoints').hidden = pool.size > 0;
  const body = byId('endpoints');
  const rows = new Map([...body.rows].map((row) => [row.dataset.id, row]));
  const most = Math.max(1, ...pool.endpoints.map((one) => one.picks));
  for (const [index, one] of pool.endpoints.entries()) {
    const row = rows.get(one.id) ?? endpointRow(one);
    rows.delete(one.id);
    fillEndpoint(row, one, most, pool.staleAfter);
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
  }
  rows.forEach((row) => row.remove());
  options('places', pool.endpoints.map((one) => shortName(one.id)));
  showTiles();
  if (!view.replicas.hidden) showReplicas();
}

const ENDPOINT_CELLS = ['Health', 'Queued', 'Running', 'KV cache', 'In flight', 'Cached blocks', 'Picked', 'Data age'];
const NUMERIC = new Set(['Queued', 'Running', 'In flight', 'Cached blocks', 'Data age']);

function endpointRow(one) {
  const name = el('th', { scope: 'row' }, shortName(one.id), el('span', { class: 'sub' }, one.address));
  const row = el('tr', {}, name);
  for (const label of ENDPOINT_CELLS) row.append(el('td', { 'data-label': label, class: NUMERIC.has(label) && 'n' }));
  row.dataset.id = one.id;
  return row;
}

const HEALTH = { healthy: ['good', 'Healthy'], suspect: ['warn', 'Suspect'], out: ['bad', 'Out'], probing: ['warn', 'Probing'] };

function fillEndpoint(row, one, most, staleAfter) {
  const [, health, queued, running, kv, inFlight, cached, picked, data] = row.cells;
  const [kind, text] = HEALTH[one.health];
  put(health, `${one.health}${one.isStarting}`, () => pill(one.isStarting && kind === 'good' ? 'warn' : kind, one.isStarting && kind === 'good' ? 'Starting' : text));
  setText(queued, number(one.waiting));
  setText(running, number(one.running));
  put(kv, `${one.kv}`, () => (one.kv == null ? 'not known' : bar(one.kv, percent(one.kv), one.kv > 0.95 ? 'bad' : null)));
  const others = one.inFlightElsewhere ? ` + ${number(one.inFlightElsewhere)} elsewhere` : '';
  setText(inFlight, `${number(one.inFlight)}${others}`);
  setText(cached, number(one.cached));
  put(picked, `${one.picks}/${most}`, () => bar(one.picks / most, `${number(one.picks)}/s`));
  const oldest = one.age == null ? null : Math.max(one.age, one.waitingAge ?? 0, one.runningAge ?? 0, one.kvAge ?? 0);
  const isOld = oldest == null || oldest > staleAfter;
  put(data, `${age(oldest)}${isOld}`, () => (isOld ? el('span', { class: 'old' }, oldest == null ? age(null) : `${age(oldest)}, too old`) : age(oldest)));
}

/** Renews a cell's content when its key has changed. */
function put(cell, key, content) {
  if (cell.dataset.key !== key) {
    cell.dataset.key = key;
    cell.replaceChildren(content());
  }
}

function showTiles() {
  const { pool, status } = state;
  if (pool == null || status == null) return;
  const down = pool.size - pool.health.healthy;
  const per = (values) => (values.length ? values.slice(-10).reduce((sum, value) => sum + value, 0) / Math.min(10, values.length) : 0) * 2;
  const rate = per(state.rates);
  const took = state.recent.slice().sort((a, b) => a - b);
  const queued = pool.endpoints.reduce((sum, one) => sum + (one.waiting ?? 0), 0);
  const kv = pool.endpoints.filter((one) => one.kv != null);
  const meanKv = kv.length ? kv.reduce((sum, one) => sum + one.kv, 0) / kv.length : null;
  const refused = rate > 0 ? per(state.refusedRates) / rate : 0;
  tile('ready', 'This picker', status.notReadyBecause === '' ? 'Ready' : 'Not ready', status.notReadyBecause, status.notReadyBecause === '' ? null : 'bad');
  tile('healthy', 'Healthy', number(pool.health.healthy), `of ${number(pool.size)} endpoints`, pool.size === 0 || down === pool.size ? 'bad' : down > 0 ? 'warn' : null);
  tile('rate', 'Decisions', number(rate, rate < 10 ? 1 : 0), 'a second', null, state.rates);
  tile('refused', 'Refused', percent(refused), 'in the last 5 s', refused > 0.01 ? 'warn' : null);
  tile('took', 'A decision takes', took.length ? micros(took[took.length >> 1]) : '–', took.length ? `p95 ${micros(took[Math.floor(took.length * 0.95)])}` : '', null);
  tile('queued', 'Queued', number(queued), status.waitingRequests ? `and ${number(status.waitingRequests)} waiting here` : 'in the servers', null);
  tile('kv', 'KV cache in use', percent(meanKv), 'on average', null);
}

function tile(key, title, value, note, kind, curve) {
  const tiles = byId('tiles');
  let node = tiles.querySelector(`[data-tile=${key}]`);
  if (!node) {
    node = el('div', { 'data-tile': key }, el('dt', {}, title), el('dd', {}, el('span'), ' ', el('small')));
    tiles.append(node);
    if (curve) node.querySelector('dd').append(spark());
  }
  if (kind) node.dataset.state = kind;
  else delete node.dataset.state;
  setText(node.querySelector('dd span'), value);
  setText(node.querySelector('small'), note);
  if (curve) drawSpark(node.querySelector('svg'), curve);
}

function spark() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'spark');
  svg.setAttribute('viewBox', `0 0 ${SPARK * 2 - 1} 20`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  for (const name of ['area', 'line']) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('class', name);
    svg.append(path);
  }
  return svg;
}

function drawSpark(svg, values) {
  const top = Math.max(1, ...values);
  const from = SPARK * 2 - values.length;
  const line = values.map((value, index) => `${index ? 'L' : 'M'}${from + index} ${(19 - (value / top) * 16).toFixed(1)}`).join('');
  svg.lastChild.setAttribute('d', line);
  svg.firstChild.setAttribute('d', values.length ? `${line}L${SPARK * 2 - 1} 20L${from} 20Z` : '');
}

let newest = 0;

function showDecisions({ decided, refused, more, listed }) {
  keep(state.rates, decided, SPARK * 2);
  keep(state.refusedRates, refused, SPARK * 2);
  const body = byId('decisions');
  const fresh = listed.filter((one) => one.n > newest);
  if (fresh.length === 0) return;
  const isFirst = newest === 0;
  newest = fresh[0].n;
  for (const one of fresh) keep(state.recent, one.micros, 400);
  body.prepend(...fresh.map((one) => decisionRow(one, !isFirst)));
  while (body.rows.length > MAX_ROWS) body.lastElementChild.remove();
  byId('no-decisions').hidden = true;
  const filtered = [...new FormData(byId('filters')).values()].some((value) => value !== '' && value !== 'any');
  setText(byId('decisions-note'), more && !isFirst ? 'More come than can be read: the newest of each half second are listed' : filtered ? 'Those that match' : 'Newest first');
  options('models', fresh.flatMap((one) => [one.model, one.target]), true);
  options('fairness-ids', fresh.map((one) => one.fairness), true);
}

function keep(values, value, most) {
  values.push(value);
  if (values.length > most) values.shift();
}

function decisionRow(one, isNew) {
  const id = el('a', { href: `#decision/${encodeURIComponent(one.id)}`, class: 'mono' }, one.id || '(no id)');
  const model = one.target && one.target !== one.model ? `${one.model} → ${one.target}` : one.model || '–';
  const outcome = one.refusal ? pill('bad', `Refused: ${words(one.refusal)}`) : el('span', {}, shortName(one.endpoint));
  const cell = (label, kind, ...content) => el('td', { 'data-label': label, class: kind }, ...content);
  return el('tr', { class: isNew && 'new' },
    cell('Time', 'mono', clock(one.at)), cell('Request', 'request', id), cell('Model', 'model', model), cell('Fairness id', 'fairness', one.fairness || '–'),
    cell('Outcome', null, outcome, one.isDegraded ? ' ' : null, one.isDegraded ? pill('warn', 'Step failed') : null),
    cell('Score', 'n', number(one.total, 2)), cell('Took', 'n', micros(one.micros)));
}

/** Renews the suggestions of a field; of what clients send, the last few. */
function options(id, values, isGrowing) {
  const list = byId(id);
  const known = isGrowing ? [...list.options].map((option) => option.value) : [];
  const wanted = [...new Set([...values, ...known])].filter((value) => value).slice(0, 50);
  if (wanted.join('\n') !== [...list.options].map((option) => option.value).join('\n')) {
    list.replaceChildren(...wanted.map((value) => el('option', { value })));
  }
}

function clearDecisions(text) {
  newest = 0;
  byId('decisions').replaceChildren();
  byId('no-decisions').hidden = false;
  setText(byId('no-decisions'), text);
  setText(byId('decisions-note'), '');
}

let filterTimer = 0;
function filterSoon(delay) {
  clearTimeout(filterTimer);
  filterTimer = setTimeout(() => {
    clearDecisions('No decision that is kept matches.');
    connect();
  }, delay);
}
byId('filters').addEventListener('input', () => filterSoon(350));
byId('filters').addEventListener('reset', () => filterSoon(0));
byId('filters').addEventListener('submit', (event) => event.preventDefault());

// ---------------------------------------------------------------- store, replicas, configuration

function showStatus(status) {
  if (state.status && state.status.startedAt !== status.startedAt) {
    clearDecisions('The picker was started anew: no decision yet.');
    state.rates.length = state.refusedRates.length = state.recent.length = 0;
  }
  const isNew = JSON.stringify(state.status?.configuration) !== JSON.stringify(status.configuration);
  state.status = status;
  setText(byId('version'), `version ${status.version}, up ${age(Math.max(0, Date.now() - status.startedAt))}`);
  showTiles();
  if (!view.replicas.hidden) showReplicas();
  if (isNew) showConfiguration(status.configuration);
}

function showReplicas() {
  const { status, pool } = state;
  if (!status || !pool) return;
  const { store } = status;
  const key = JSON.stringify([store, status.prefixBlocks, status.sessions, pool.endpoints.map((one) => [one.id, one.inFlight])]);
  const target = byId('replicas');
  if (target.dataset.key === key) return;
  target.dataset.key = key;
  const remembered = el('div', { class: 'card text' }, el('h3', {}, 'Remembered here'), facts([
    ['Prompt blocks', number(status.prefixBlocks), bytes(status.prefixBytes)], ['Sessions', number(status.sessions)], ['Bodies held', bytes(status.bufferedBytes)]]));
  if (!store) {
    target.replaceChildren(el('p', { class: 'notice' }, 'No state store: this replica learns alone, and forgets when it stops.'), remembered);
    return;
  }
  const kinds = { sharing: 'good', joining: 'warn', cut_off: 'bad' };
  target.replaceChildren(
    el('div', { class: 'card text' }, el('h3', {}, 'State store'), facts([
      ['Store', store.type], ['State', pill(kinds[store.state] ?? 'warn', words(store.state)), `since ${clock(store.since)}`], ['Detail', store.detail || '–'],
      ['Caught up', store.isWarm ? 'yes' : 'not yet'], ['Not yet sent', bytes(store.backlogBytes)], ['Batches dropped', number(store.droppedBatches)],
      ['Batches lost', number(store.lostBatches)], ['Entries applied', number(store.appliedEntries)]])),
    replicaTable(store, pool), remembered);
}

/** Requests in flight, replica by endpoint. */
function replicaTable(store, pool) {
  const own = Object.fromEntries(pool.endpoints.map((one) => [one.id, one.inFlight]));
  const replicas = [{ replica: store.replica, isOwn: true, isReady: store.isWarm, silent: 0, inFlight: own }, ...store.peers];
  const columns = pool.endpoints.slice(0, 16);
  const most = Math.max(1, ...replicas.flatMap((one) => Object.values(one.inFlight)));
  const sum = (one) => Object.values(one.inFlight).reduce((all, count) => all + count, 0);
  const table = el('table', { class: 'heat', 'aria-label': 'Requests in flight by replica and endpoint' },
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Replica'), el('th', { scope: 'col' }, 'State'),
      ...columns.map((one) => el('th', { scope: 'col', class: 'n' }, shortName(one.id))), el('th', { scope: 'col', class: 'n' }, 'All'))),
    el('tbody', {}, ...replicas.map((one) => el('tr', {}, el('th', { scope: 'row' }, el('span', { class: 'mono' }, one.replica), one.isOwn ? ' (this one)' : ''),
      el('td', {}, pill(one.isReady ? 'good' : 'warn', one.isReady ? 'Ready' : 'Catching up'), one.isOwn ? null : el('span', { class: 'sub' }, `last sign ${age(one.silent)} ago`)),
      ...columns.map((column) => heatCell((one.inFlight[column.id] ?? 0) / most, number(one.inFlight[column.id] ?? 0))), el('td', { class: 'total' }, number(sum(one)))))));
  return el('div', { class: 'card text' }, el('h3', {}, 'Requests in flight'),
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Requests in flight, scrolls sideways' }, table));
}

function showConfiguration(configuration) {
  const arrow = () => el('span', { class: 'quiet', 'aria-hidden': 'true' }, '→');
  const profiles = configuration.profiles.flatMap((profile) => [
    el('h3', {}, `Profile ${profile.name}`),
    el('p', { class: 'profile' }, ...profile.filters.flatMap((name) => [el('span', { class: 'tag' }, name), arrow()]),
      ...profile.scorers.map((name) => el('span', { class: 'tag win' }, name)), arrow(), el('span', { class: 'tag' }, profile.picker))]);
  const changes = configuration.changes.map((change) => el('li', {}, el('span', { class: 'mono' }, clock(change.at)),
    pill(change.isApplied ? 'good' : 'bad', change.isApplied ? 'Applied' : 'Refused'), el('p', {}, change.detail)));
  byId('configuration').replaceChildren(
    ...configuration.warnings.map((warning) => el('p', { class: 'notice warn' }, warning)),
    el('div', { class: 'card text' }, facts([['File', configuration.file || 'none: given as a text, or built in'], ['Plugins', number(configuration.plugins)]])),
    el('div', { class: 'card text' }, ...profiles),
    el('div', { class: 'card text' }, el('h3', {}, 'Changes since the start'),
      changes.length ? el('ul', { class: 'changes' }, ...changes) : el('p', { class: 'quiet' }, 'None: what was read at the start is in force.')));
  if (byId('whole').open) loadConfiguration();
}

async function loadConfiguration() {
  const answer = await fetch('live/configuration').catch(() => null);
  setText(byId('configuration-text'), answer?.ok ? await answer.text() : `No answer (${answer?.status ?? 'not connected'})`);
}
byId('whole').addEventListener('toggle', (event) => event.currentTarget.open && loadConfiguration());

// ---------------------------------------------------------------- views

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no id of ours
  }
}

async function show() {
  const [name, argument] = location.hash.slice(1).split('/', 2);
  const chosen = Object.hasOwn(view, name) ? name : 'now';
  for (const [key, section] of Object.entries(view)) section.hidden = key !== chosen;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.dataset.view === chosen) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (chosen === 'replicas') showReplicas();
  if (chosen === 'decision') await showDecision(decoded(argument ?? ''));
  if (location.hash) (view[chosen].querySelector('h2[tabindex]') ?? byId('main')).focus();
}

byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  byId('main').focus();
});
window.addEventListener('hashchange', show);
show();
connect();
