// One decision: who was a candidate, what dropped some, how the others were scored, and what other weights would have done.

import { age, byId, clock, el, facts, heatCell, micros, number, percent, pill, setText, shortName, words } from './parts.js';

const CLOSE = 1e-9; // totals that differ by less are a tie

/** Shows a decision by the id of its request, as long as the picker keeps it. */
export async function showDecision(id) {
  const target = byId('decision');
  setText(byId('decision-title'), `Request ${id}`);
  target.replaceChildren(el('p', { class: 'empty' }, 'Looking it up …'));
  const answer = await fetch(`debug/decisions?request_id=${encodeURIComponent(id)}`).catch(() => null);
  if (!answer?.ok) {
    const reason = answer?.status === 404 ? 'No decision about this request is kept any more. The picker keeps the last --decisions-kept of them.' : `No answer (${answer?.status ?? 'not connected'}).`;
    target.replaceChildren(el('p', { class: 'notice' }, reason));
    return;
  }
  const decision = await answer.json();
  target.replaceChildren(summary(decision), ...decision.profiles.map((one) => profile(one, decision.profiles.length)), steps(decision));
}

function summary(decision) {
  const primary = decision.profiles.find((one) => one.role === 'primary');
  const { objective, rewrite, flow } = decision;
  return el('div', {},
    el('p', { class: 'why' }, ...why(decision, primary)),
    el('div', { class: 'card text' }, facts([
      ['When', clock(Date.parse(decision.time)), new Date(decision.time).toLocaleDateString('en-GB')],
      ['Model', decision.model || '–', decision.targetModel && decision.targetModel !== decision.model ? `served as ${decision.targetModel}` : ''],
      rewrite && ['Rewritten by', rewrite.name, `rule ${rewrite.rule}`],
      ['Objective', objective ? objective.name : 'none', objective && !objective.isKnown ? 'not known here' : `priority ${decision.priority}`],
      ['Fairness id', decision.fairnessId || '–'],
      ['Candidates', number(decision.candidates)],
      ['Took', micros(decision.totalNanos / 1000), `${micros(decision.scheduleNanos / 1000)} of it scheduling`],
      flow && ['Flow control', words(flow.outcome), flow.isQueued ? `queued for ${age(flow.waitedNanos / 1e6)} in band ${flow.band}` : `band ${flow.band}, not queued`],
    ])));
}

function why(decision, primary) {
  const { outcome } = decision;
  if (outcome.decision !== 'route') return [pill('bad', `Refused: ${words(outcome.reason)}`), ` ${outcome.detail}`];
  const [first, ...others] = outcome.endpoints;
  const to = ['Went to ', el('strong', {}, shortName(first.endpoint)), ` (${first.address})`];
  if (others.length) to.push(`, then ${others.map((one) => shortName(one.endpoint)).join(', ')}`);
  if (!primary?.pick) return [...to, ': no profile chose it.'];
  const rows = primary.shown.filter((one) => one.total != null);
  const won = rows.find((one) => one.endpoint === primary.pick.endpoints[0]);
  const next = rows.filter((one) => one !== won).sort((a, b) => b.total - a.total)[0];
  if (!won) return [...to, `: picked by ${primary.pick.plugin}.`];
  if (!next) return [...to, ': the only candidate that was left.'];
  const lead = won.total - next.total;
  if (Math.abs(lead) < CLOSE) return [...to, `: level with ${shortName(next.endpoint)} at ${number(won.total, 2)}, and drawn by ${primary.pick.plugin}.`];
  if (lead < 0) return [...to, `: drawn by ${primary.pick.plugin}, although ${shortName(next.endpoint)} had ${number(next.total, 2)} against ${number(won.total, 2)}.`];
  const part = (row, scorer) => clamp(row.scores[scorer.plugin] ?? 0) * scorer.weight;
  const [best] = primary.scorers.map((scorer) => ({ name: scorer.plugin, gain: part(won, scorer) - part(next, scorer) })).sort((a, b) => b.gain - a.gain);
  const because = best && best.gain > 0 ? `, most of it by ${best.name} (+${number(best.gain, 2)})` : '';
  return [...to, `: ${number(won.total, 2)}, ${number(lead, 2)} ahead of ${shortName(next.endpoint)}${because}.`];
}

const clamp = (score) => Math.min(1, Math.max(0, score));

function profile(run, profiles) {
  const title = profiles > 1 ? `Profile ${run.profile} (${run.role})` : `Profile ${run.profile}`;
  const cut = run.shown.length < run.candidates ? ` The best ${run.shown.length} of ${run.candidates} are listed.` : '';
  const card = el('div', { class: 'card text' }, el('h3', {}, title), filters(run));
  if (run.shown.length) card.append(heat(run));
  else card.append(el('p', { class: 'quiet' }, 'No candidate.'));
  if (cut) card.append(el('p', { class: 'quiet' }, cut));
  return card;
}

function filters(run) {
  const kept = (count) => `${number(count)} candidate${count === 1 ? '' : 's'}`;
  return el('ol', { class: 'flow', 'aria-label': 'Filters, in order' },
    el('li', {}, el('strong', {}, kept(run.candidates)), el('span', { class: 'quiet' }, run.filters.length ? 'at first' : 'and no filter')),
    ...run.filters.map((filter) => {
      const hidden = filter.droppedCount - filter.dropped.length;
      return el('li', { class: filter.droppedCount > 0 && 'cut' }, el('strong', {}, filter.plugin), el('span', {}, `leaves ${kept(filter.kept)}`),
        ...(filter.droppedCount ? [el('span', { class: 'quiet' }, 'without')] : []),
        ...filter.dropped.map((id) => el('span', { class: 'tag cut' }, shortName(id))), hidden > 0 ? el('span', { class: 'quiet' }, `and ${number(hidden)} more`) : null);
    }));
}

/** The candidates, the best first, with a slider for each scorer's weight. */
function heat(run) {
  const recorded = run.scorers.map((scorer) => scorer.weight);
  const weights = [...recorded];
  const picked = run.pick?.endpoints[0];
  const rules = fittingRules(run, recorded);
  const body = el('tbody');
  const says = el('p', { role: 'status' });
  const reset = el('button', { type: 'button' }, 'Weights as recorded');
  const heads = run.scorers.map((scorer, index) => scorerHead(run, scorer, index, weights, () => draw()));
  reset.addEventListener('click', () => {
    heads.forEach((head, index) => head.set(recorded[index]));
    draw();
  });

  function draw() {
    const isChanged = weights.some((weight, index) => weight !== recorded[index]);
    const sums = isChanged ? totals(run, weights, rules) : run.shown.map((one) => one.total);
    const order = run.shown.map((_, index) => index).sort((a, b) => (sums[b] ?? -Infinity) - (sums[a] ?? -Infinity));
    body.replaceChildren(...order.map((index) => candidateRow(run, run.shown[index], sums[index], weights, picked)));
    reset.hidden = !isChanged;
    setText(says, verdict(run, sums, picked, isChanged, rules.isExact));
  }
  draw();
  const head = el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Candidate'), ...heads.map((one) => one.cell), el('th', { scope: 'col', class: 'n' }, 'Sum'), el('th', { scope: 'col' }, 'Load then')));
  return el('div', {},
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Candidates by scorers of profile ${run.profile}, scrolls sideways` },
      el('table', { class: 'heat', 'aria-label': `Candidates by scorers, profile ${run.profile}` }, head, body)),
    el('div', { class: 'verdict' }, says, reset));
}

function scorerHead(run, scorer, index, weights, changed) {
  const top = Math.max(5, Math.ceil(Math.abs(scorer.weight) * 2));
  const name = el('span', {}, scorer.plugin);
  const value = el('span', { class: 'weight' });
  const slider = el('input', { type: 'range', min: scorer.weight < 0 ? -top : 0, max: top, step: top > 20 ? 1 : 0.1, 'aria-label': `Weight of ${scorer.plugin}` });
  const set = (weight) => {
    weights[index] = weight;
    slider.value = weight;
    setText(value, `× ${number(weight, Number.isInteger(weight) ? 0 : 2)}`);
  };
  set(scorer.weight);
  slider.addEventListener('input', () => {
    set(Number(slider.value));
    changed();
  });
  return { cell: el('th', { scope: 'col' }, name, slider, value), set };
}

function candidateRow(run, one, sum, weights, picked) {
  const droppedBy = run.filters.find((filter) => filter.dropped.includes(one.endpoint));
  const isPicked = one.endpoint === picked;
  const row = el('tr', { class: isPicked ? 'picked' : droppedBy && 'gone' }, el('th', { scope: 'row' }, shortName(one.endpoint), ' ',
    isPicked ? el('span', { class: 'tag win' }, 'picked') : null, droppedBy ? el('span', { class: 'tag cut' }, `dropped by ${droppedBy.plugin}`) : null));
  const load = el('td', {}, el('span', { class: 'sub' }, `queue ${number(one.waitingRequests)}, running ${number(one.runningRequests)}`),
    el('span', { class: 'sub' }, `cache ${percent(one.kvCacheUtilization)}, ${one.sampleAgeNanos == null ? 'never read' : `${age(one.sampleAgeNanos / 1e6)} old`}`));
  run.scorers.forEach((scorer, index) => {
    const score = one.scores[scorer.plugin];
    row.append(score == null ? el('td', { class: 'none' }, droppedBy ? '' : 'no score') : heatCell(clamp(score), number(score, 2), `adds ${number(clamp(score) * weights[index], 2)}`));
  });
  row.append(el('td', { class: 'total' }, number(sum, 2)), load);
  return row;
}

function verdict(run, sums, picked, isChanged, isExact) {
  const best = Math.max(...sums.map((sum) => sum ?? -Infinity));
  if (best === -Infinity) return 'Nothing was scored.';
  const winners = run.shown.filter((_, index) => sums[index] != null && best - sums[index] < CLOSE).map((one) => one.endpoint);
  if (!isChanged) return 'Move a weight to see what it would have changed.';
  const names = winners.map(shortName).join(', ');
  const same = winners.includes(picked) ? (winners.length === 1 ? ' wins, as it did' : ' are level; what was picked is among them') : winners.length === 1 ? ' would have won' : ' would have been level';
  return `With these weights ${names}${same}, at ${number(best, 2)}.${isExact ? '' : ' About: the record does not show every candidate.'}`;
}

/** How scores that a server's missing figures left out were counted: whatever gives the recorded sums. */
function fittingRules(run, recorded) {
  for (const assumes of [true, false]) {
    const sums = totals(run, recorded, { assumes });
    const fits = run.shown.every((one, index) => one.total == null || Math.abs(one.total - sums[index]) <= 1e-6 * Math.max(1, Math.abs(one.total)));
    if (fits) return { assumes, isExact: true };
  }
  return { assumes: true, isExact: false };
}

/** The weighted sums as the picker computes them (docs/compatibility.md, Scoring); null for what a filter had dropped. */
function totals(run, weights, { assumes }) {
  const left = run.shown.map((one) => one.total != null);
  const isUnreported = run.shown.map((one) => assumes && (one.waitingRequests == null || one.runningRequests == null || one.kvCacheUtilization == null));
  const sums = run.shown.map(() => 0);
  const assumed = run.shown.map(() => null);
  run.scorers.forEach((scorer, s) => {
    const parts = run.shown.map((one, i) => (left[i] && one.scores[scorer.plugin] != null ? clamp(one.scores[scorer.plugin]) * weights[s] : null));
    const known = parts.filter((part) => part != null);
    const best = known.length ? Math.max(...known) : 0;
    const worst = known.length ? Math.min(...known) : 0;
    parts.forEach((part, i) => {
      if (part != null) sums[i] += part;
      else if (left[i] && isUnreported[i]) {
        sums[i] += best;
        assumed[i] = (assumed[i] ?? 0) + best - worst;
      }
    });
  });
  const bestKnown = Math.max(...sums.map((sum, i) => (left[i] && assumed[i] == null ? sum : -Infinity)));
  return sums.map((sum, i) => {
    if (!left[i]) return null;
    return assumed[i] != null && bestKnown > -Infinity && sum > bestKnown ? Math.max(bestKnown, sum - assumed[i]) : sum;
  });
}

function steps(decision) {
  const all = [...decision.steps.map((step) => ({ name: step.plugin, point: step.extensionPoint, nanos: step.nanos, degraded: step.degraded })),
    ...decision.profiles.flatMap((run) => [
      ...run.filters.map((one) => ({ name: one.plugin, point: 'Filter', nanos: one.nanos })),
      ...run.scorers.map((one) => ({ name: one.plugin, point: 'Scorer', nanos: one.nanos })),
      ...(run.pick ? [{ name: run.pick.plugin, point: 'Picker', nanos: run.pick.nanos }] : [])])];
  if (!all.length) return '';
  const most = Math.max(1, ...all.map((step) => step.nanos));
  return el('div', { class: 'card text' }, el('h3', {}, 'Where the time went'), el('ul', { class: 'steps' }, ...all.map((step) => {
    const track = el('i', { 'aria-hidden': 'true' });
    track.style.setProperty('--share', step.nanos / most);
    return el('li', {}, el('span', {}, step.name, ' ', el('span', { class: 'quiet' }, step.point), ' ', step.degraded ? pill('warn', words(step.degraded)) : null),
      track, el('span', { class: 'n' }, micros(step.nanos / 1000)));
  })));
}
