/** The books, the pace and the state of the bridge's parts, from what the bridge tells every two seconds. */

import {badge, byId, duration, el, number, setText} from './dom.js';
import {quantile} from './metrics.js';

const WINDOW_MS = 10_000;
const OUTBOX_OLD_SECONDS = 300;
const REQUEST = 'bridge_request_seconds';
const PUBLISH = 'bridge_publish_seconds';

const OUTCOMES = {processed: 'processed', queued: 'queued', dead_lettered: 'dead-lettered',
  duplicate_skipped: 'duplicates skipped', rejected: 'rejected', overloaded: 'overloaded', unanswered: 'unanswered',
  in_flight: 'in flight'};
const OUTBOX = {published: 'published', dead_lettered: 'dead-lettered', pending: 'waiting'};

/** Readings of the last ten seconds, oldest first. */
let readings = [];

export function forgetReadings() {
  readings = [];
}

/** @param {{accounting: object, health: object, metrics: object, newest: ?object}} told with the newest event */
export function update(told) {
  const {accounting, metrics} = told;
  remember({at: performance.now(), received: accounting.received, request: metrics.buckets(REQUEST),
    publish: metrics.buckets(PUBLISH)});
  showBooks(accounting);
  showPace(metrics, told.newest);
  const parts = partsOf(told);
  showParts(parts);
  showReadiness(told.health, accounting);
  countInMenu('dead-letters-count', metrics.gauge('bridge_dead_letters'));
  countInMenu('outbox-count', metrics.gauge('bridge_outbox_depth'));
}

function remember(reading) {
  if (readings.length > 0 && readings.at(-1).received > reading.received) {
    // another process answers
    readings = [];
  }
  readings.push(reading);
  while (readings.length > 2 && reading.at - readings[1].at >= WINDOW_MS) {
    readings.shift();
  }
}

function countInMenu(id, count) {
  setText(byId(id), count > 0 ? number(count) : '');
}

function showReadiness(health, accounting) {
  const isReady = health.status === 'UP';
  const reason = health.checks?.find((check) => check.status !== 'UP')?.message;
  const text = !isReady ? `Not ready: ${reason ?? 'see the parts below'}`
    : accounting.balanced ? 'Ready' : 'The books do not balance';
  readiness(isReady && accounting.balanced ? 'good' : 'bad', text);
}

/** What the page's head says. It is read out when it changes. */
export function readiness(level, text) {
  const place = byId('readiness');
  const said = badge(level, text);
  if (place.textContent !== said.textContent) {
    place.replaceChildren(said);
  }
}

function showBooks(accounting) {
  sum(byId('books'), 'received', accounting.received, accounting, OUTCOMES);
  sum(byId('outbox-books'), 'entered', accounting.outbox.entered, accounting.outbox, OUTBOX);
  const verdict = byId('books-verdict');
  const said = accounting.balanced
    ? badge('good', 'No: every event is accounted for')
    : badge('bad', 'Perhaps: the books do not balance; see the application log');
  if (verdict.textContent !== said.textContent) {
    verdict.replaceChildren(said);
  }
}

function sum(body, whole, total, books, names) {
  const rows = [[whole, total], ...Object.entries(names).map(([name, word]) => [word, books[name]]),
    ['together', Object.keys(names).reduce((all, name) => all + books[name], 0)]];
  values(body, rows.map(([name, count]) => [name, number(count)]), (name, value) =>
    el('tr', {role: 'row'}, el('th', {role: 'rowheader', scope: 'row'}, name), el('td', {role: 'cell'}, value)));
}

/** Makes the rows once and then changes their last cells. */
function values(body, rows, make) {
  if (body.children.length === 0) {
    body.append(...rows.map(([name, value]) => make(name, value)));
  }
  rows.forEach(([, value], i) => setText(body.children[i].lastElementChild, value));
}

function showPace(metrics, newest) {
  const [first, last] = [readings[0], readings.at(-1)];
  const seconds = (last.at - first.at) / 1000;
  const isKnown = readings.length > 1;
  const rate = isKnown ? (last.received - first.received) / seconds : NaN;
  setText(byId('pace-seconds'), isKnown ? Math.round(seconds) : 10);
  figures(byId('pace'), [
    ['events a second', isKnown ? number(Math.round(rate * 10) / 10) : 'measuring'],
    ['reply p50', latency(0.5, 'request')], ['reply p99', latency(0.99, 'request')],
    ['PutEvents p50', latency(0.5, 'publish')], ['PutEvents p99', latency(0.99, 'publish')],
    ['in flight', number(metrics.gauge('bridge_inflight'))],
    ['newest event', newest ? newest.receivedAt.slice(0, 19).replace('T', ' ') : 'none yet']]);
  const {depth, oldest, percent} = outbox(metrics);
  const fill = byId('fill');
  fill.value = Number.isFinite(percent) ? percent : 0;
  figures(byId('outbox-figures'), [['waiting', number(depth)],
    ['oldest', depth > 0 ? duration(oldest) : 'none'], ['full', `${percentage(percent)}`],
    ['dead letters', number(metrics.gauge('bridge_dead_letters'))]]);
}

function figures(list, pairs) {
  values(list, pairs, (name, value) => el('div', {}, el('dt', {}, name), el('dd', {}, value)));
}

function latency(q, what) {
  if (readings.length < 2) {
    return 'measuring';
  }
  const found = quantile(q, readings[0][what], readings.at(-1)[what]);
  if (found === null) {
    return 'none came';
  }
  const text = found.seconds < 1 ? `${number(Math.round(found.seconds * 1000))} ms`
    : `${number(Math.round(found.seconds * 10) / 10)} s`;
  return found.isBelow ? `under ${text}` : found.isAbove ? `over ${text}` : `about ${text}`;
}

function percentage(percent) {
  return !Number.isFinite(percent) ? 'not known' : percent > 0 && percent < 0.1 ? 'under 0.1 %'
    : `${number(Math.round(percent * 10) / 10)} %`;
}

function outbox(metrics) {
  return {depth: metrics.gauge('bridge_outbox_depth'), oldest: metrics.gauge('bridge_outbox_oldest_seconds'),
    percent: 100 * metrics.gauge('bridge_outbox_bytes') / metrics.gauge('bridge_outbox_capacity_bytes')};
}

/** @returns {Array<[string, string, string, string]>} name, level, word and reason of each */
function partsOf({accounting, health, metrics}) {
  const check = health.checks?.find((one) => one.name === 'bridge');
  const data = check?.data ?? {};
  const reason = data.reason ?? '';
  return [
    ['EventBridge', ...eventBridge(data, reason)],
    ['Outbox', ...outboxState(metrics)],
    ['Store', ...store(data, reason)],
    ['Data lake', ...dataLake(data, metrics)],
    ['CXone token', ...accessToken(data, metrics)],
    ['CXone registration', ...registration(data)],
    ['Audit log', ...(data.audit === 'written' ? ['good', 'well', 'Is written']
      : unknownOr(data.audit, 'bad', 'in trouble'))],
    ['Books', ...(accounting.balanced ? ['good', 'well', 'They balance'] : ['bad', 'in trouble', data.books])],
  ];
}

function unknownOr(reason, level, word) {
  return reason === undefined || reason === 'not tried yet' ? ['none', 'not known', reason ?? '']
    : [level, word, reason];
}

function eventBridge(data, reason) {
  if (reason.startsWith('EventBridge is misconfigured')) {
    return ['bad', 'misconfigured', reason];
  }
  return data.eventbridge === 'reachable' ? ['good', 'well', 'Reachable'] : unknownOr(data.eventbridge, 'warn', 'away');
}

function outboxState(metrics) {
  const {depth, oldest, percent} = outbox(metrics);
  const reason = `${number(depth)} ${depth === 1 ? 'event waits' : 'events wait'}`
    + `${depth > 0 ? `, the oldest for ${duration(oldest)}` : ''}; ${percentage(percent)} full`;
  return percent >= 90 ? ['bad', 'nearly full', reason] : percent >= 50 ? ['warn', 'filling', reason]
    : oldest > OUTBOX_OLD_SECONDS ? ['warn', 'behind', reason] : ['good', 'well', reason];
}

function store(data, reason) {
  if (reason.startsWith('The store cannot')) {
    return ['bad', 'failing', reason];
  }
  return data.damaged ? ['warn', 'was damaged', data.damaged] : ['good', 'well', 'Writes to its disk'];
}

function dataLake(data, metrics) {
  const pending = metrics.gauge('bridge_datalake_pending');
  const waiting = pending > 0
    ? `${number(pending)} ${pending === 1 ? 'notification waits' : 'notifications wait'}` : '';
  if (data.datalake === 'off') {
    return ['none', 'off', 'No bridge.datalake.url is set'];
  }
  if (data.datalake === 'ok') {
    return pending > 0 ? ['warn', 'behind', waiting] : ['good', 'well', 'Takes notifications'];
  }
  const [level, word, reason] = unknownOr(data.datalake, 'warn', 'in trouble');
  return [level, word, [reason, waiting].filter(Boolean).join('; ')];
}

function accessToken(data, metrics) {
  if (data.registration === 'off') {
    return ['none', 'off', 'Registration is off'];
  }
  const left = metrics.gauge('bridge_token_expiry_seconds');
  if (left > 0) {
    return ['good', 'well', `Good for ${duration(left)}`];
  }
  return String(data.registration).startsWith('failed') ? ['warn', 'none held', data.registration]
    : ['none', 'none held', 'It is asked for when it is needed'];
}

function registration(data) {
  const state = data.registration;
  if (state === 'off') {
    return ['none', 'off', 'bridge.registration.enabled is false'];
  }
  return state === 'ok' ? ['good', 'well', 'CXone has the webhook as it should be']
    : unknownOr(state, 'warn', 'in trouble');
}

function showParts(parts) {
  const body = byId('parts');
  if (body.children.length === 0) {
    body.append(...parts.map(([name]) => el('tr', {role: 'row'}, el('th', {role: 'rowheader', scope: 'row'}, name),
      el('td', {role: 'cell'}), el('td', {role: 'cell', class: 'reason'}))));
  }
  parts.forEach(([, level, word, reason], i) => {
    const [, state, why] = body.children[i].children;
    const said = badge(level, word);
    if (state.textContent !== said.textContent) {
      state.replaceChildren(said);
    }
    setText(why, reason ?? '');
  });
}
