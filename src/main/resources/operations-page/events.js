/** The recent events, as they come, and the story of each. */

import * as api from './api.js';
import {byId, duration, el, fill, number, outcome, row, searchBy, setText, show, time} from './dom.js';

const PAGE = 50;
const COLUMNS = ['Received', 'Outcome', 'Type', 'Queue', 'Id'];
const STEPS = ['When', 'Step', 'Result', 'Took', 'Error'];

const view = document.querySelector('[data-view=events]');
const list = byId('event-list');
const form = list.querySelector('form');
const body = list.querySelector('tbody');
const range = list.querySelector('[data-role=range]');
const newer = list.querySelector('[data-act=newer]');
const older = list.querySelector('[data-act=older]');
const types = new Set();

let filter = {};
let offset = 0;
let openId = null;
let lastStory = '';
/** Counts the views, so that an answer that comes too late is dropped. */
let turn = 0;

/**
 * @param {?string} id of the event whose story is shown; null for the list
 * @param {object} parameters of the search
 */
export async function open(id, parameters) {
  openId = id;
  turn += 1;
  lastStory = '';
  const {offset: after, ...rest} = parameters;
  if (id === null) {
    filter = rest;
    offset = Number(after) || 0;
    fill(form, filter);
    body.replaceChildren();
    byId('back-to-events').href = location.hash || '#events';
  } else {
    byId('story-facts').replaceChildren();
    byId('story-steps').replaceChildren();
    setText(byId('story-id'), id);
  }
  show(list, id === null);
  show(byId('story'), id !== null);
  await refresh();
}

/** Newer events appear, and what became of those that are shown. */
export async function refresh() {
  const mine = turn;
  const isMine = () => mine === turn;
  if (openId !== null) {
    const story = await api.story(openId);
    if (isMine()) {
      showStory(story);
    }
    return;
  }
  const found = await api.events({...filter, limit: PAGE + 1, offset: offset || ''});
  if (isMine()) {
    showList(found);
  }
}

function showList(found) {
  const shown = found.slice(0, PAGE);
  const isHeld = body.children.length > 0 && body.matches(':hover, :focus-within');
  const present = new Map([...body.children].map((line) => [line.dataset.key, line]));
  const fresh = shown.filter((event) => !present.has(key(event)));
  shown.forEach((event) => {
    const line = present.get(key(event));
    if (line && line.dataset.outcome !== String(event.outcome)) {
      line.dataset.outcome = String(event.outcome);
      line.children[1].replaceChildren(outcome(event.outcome));
    }
  });
  if (!isHeld) {
    reconcile(shown, present);
  }
  setText(range, rangeText(shown.length, isHeld ? fresh.length : 0));
  newer.disabled = offset === 0;
  older.disabled = found.length <= PAGE;
  suggest(shown);
}

function rangeText(count, held) {
  const search = Object.keys(filter).length > 0 ? ' that match' : '';
  const which = count === 0 ? `No events${search}` : offset === 0 ? `The newest ${number(count)}${search}`
    : `${number(offset + 1)} to ${number(offset + count)}${search}, newest first`;
  return held > 0 ? `${which}; ${number(held)} more as soon as you leave the list` : which;
}

/** Lines that stay are not moved, so that nobody loses the place. */
function reconcile(shown, present) {
  const wanted = new Set(shown.map(key));
  present.forEach((line, at) => {
    if (!wanted.has(at)) {
      line.remove();
    }
  });
  let next = body.firstElementChild;
  for (const event of shown) {
    const line = present.get(key(event));
    if (line && line === next) {
      next = next.nextElementSibling;
    } else {
      body.insertBefore(line ?? lineOf(event), next);
    }
  }
}

const key = (event) => `${event.receivedAt} ${event.id}`;

function lineOf(event) {
  const line = row(COLUMNS, [time(event.receivedAt), outcome(event.outcome), event.eventType ?? '',
    event.queueId ?? '', event.id === undefined ? 'none that could be read' : link(event.id)]);
  line.dataset.key = key(event);
  line.dataset.outcome = String(event.outcome);
  return line;
}

/** To an event's story. */
export const link = (id) => el('a', {href: `#events/${encodeURIComponent(id)}`, class: 'id'}, id);

function suggest(events) {
  for (const {eventType} of events) {
    if (eventType && types.size < 50 && !types.has(eventType)) {
      types.add(eventType);
      byId('event-types').append(el('option', {value: eventType}));
    }
  }
}

function showStory(story) {
  const text = JSON.stringify(story);
  if (text === lastStory) {
    return;
  }
  lastStory = text;
  const {entry, dataLake} = story;
  const facts = [
    ['Outcome', story.outcome === undefined ? 'not known yet' : outcome(story.outcome)], ['Type', story.eventType],
    ['Queue', story.queueId], ['Received', time(story.receivedAt)],
    ['Entry', entry && `${number(entry.bytes)} bytes by AWS's count`],
    ['EventBridge id', entry?.eventBridgeEventId],
    ['Data lake', dataLake && el('span', {}, outcome(dataLake.state), ' ', time(dataLake.at),
      dataLake.error === undefined ? '' : `; ${dataLake.error}`)]];
  byId('story-facts').replaceChildren(...facts.filter(([, fact]) => fact !== undefined && fact !== null)
    .map(([name, fact]) => el('div', {}, el('dt', {}, name), el('dd', {}, fact))));
  byId('story-steps').replaceChildren(...story.steps.map((step) => row(STEPS, [time(step.at),
    step.step.replaceAll('_', ' '), outcome(step.result), took(step.latencyMs), step.error ?? ''])));
}

function took(millis) {
  return millis === undefined ? '' : millis < 10_000 ? `${number(millis)} ms` : duration(millis / 1000);
}

searchBy(form, {name: 'events', page: PAGE, clear: view.querySelector('[data-act=clear]'), newer, older,
  shown: () => ({filter, offset}), refresh});
