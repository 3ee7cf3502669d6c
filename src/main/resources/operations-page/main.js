/** The page: which view is shown, and what is asked of the bridge every two seconds while somebody looks. */

import * as api from './api.js';
import {byId, complain, saySilence, setText, show} from './dom.js';
import * as events from './events.js';
import {fillIn} from './explain.js';
import {keptList} from './kept.js';
import {parse} from './metrics.js';
import * as overview from './overview.js';

const EVERY_MS = 2000;
const NO_TOKEN = 'That is not the token';

const pause = byId('pause');
const forgetToken = byId('forget-token');
const tokenDialog = byId('ask-token');
const tokenForm = byId('token-form');

let isPaused = false;
let timer;
let isAsking = false;
let hasViewFailed = false;
let current = null;

function explain(event) {
  fillIn(event);
  location.hash = '#explain';
}

const KEPT_COLUMNS = ['At', 'Reason', 'Attempts', 'Event id'];
const deadLetters = keptList({list: 'dead-letters', title: 'Dead letters', one: 'dead letter', many: 'dead letters',
  about: 'What EventBridge or the data lake will not take. They are on disk until they are replayed or deleted.',
  order: 'newest', columns: KEPT_COLUMNS, canReplay: true, canDelete: true, hasMany: true,
  gauge: 'bridge_dead_letters'}, explain);
const rejected = keptList({list: 'rejected', title: 'Rejected', one: 'rejected event', many: 'rejected events',
  about: 'Events with an id that were refused with 400, 409 or 413: the newest 1,000 or 100 MB of them, on disk. A '
    + 'replay takes one by every check but the order’s.',
  order: 'newest', columns: KEPT_COLUMNS, canReplay: true, canDelete: false, hasMany: false}, explain);
const outbox = keptList({list: 'outbox', title: 'Outbox', one: 'waiting event', many: 'waiting events',
  about: 'What waits for EventBridge, on disk, with why the last try failed.', order: 'oldest',
  columns: ['In since', 'Reason', 'Attempts', 'Next try', 'Event id'], canReplay: false, canDelete: false,
  hasMany: false, gauge: 'bridge_outbox_depth'}, explain);

const VIEWS = {
  overview: {title: 'Overview', open: async () => {}},
  events: {title: 'Events', open: events.open, refresh: events.refresh},
  'dead-letters': {title: 'Dead letters', open: (id, parameters) => deadLetters.open(parameters)},
  rejected: {title: 'Rejected', open: (id, parameters) => rejected.open(parameters)},
  outbox: {title: 'Outbox', open: (id, parameters) => outbox.open(parameters)},
  explain: {title: 'Explain', open: async () => {}},
};

/** `#events/an-id`, `#dead-letters?reason=…`; anything else is the overview. */
function address() {
  const [path, query] = location.hash.slice(1).split(/\?(.*)/s);
  const [name, ...rest] = path.split('/');
  let id = null;
  try {
    id = rest.length > 0 && rest[0] !== '' ? decodeURIComponent(rest.join('/')) : null;
  } catch {
    // typed by hand, and no id
  }
  return {name: Object.hasOwn(VIEWS, name) ? name : 'overview', id,
    parameters: Object.fromEntries(new URLSearchParams(query ?? ''))};
}

async function open(isFirst) {
  const {name, id, parameters} = address();
  const view = VIEWS[name];
  current = view;
  saySilence();
  for (const section of document.querySelectorAll('[data-view]')) {
    show(section, section.dataset.view === name);
  }
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#${name}`) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  }
  document.title = `${view.title} · CXone routing bridge`;
  const opened = view.open(id, parameters).catch(complain);
  if (!isFirst) {
    // it is a new page to whoever cannot see that it is one
    const headings = document.querySelectorAll(`[data-view="${name}"] h1`);
    [...headings].find((heading) => heading.checkVisibility())?.focus();
    window.scrollTo(0, 0);
  }
  await opened;
}

async function ask() {
  const [accounting, health, text, [newest]] = await Promise.all([api.accounting(), api.health(), api.metrics(),
    api.events({limit: 1})]);
  overview.update({accounting, health, metrics: parse(text), newest});
}

/** What fails in a view is said there, and until it does not fail any more. */
async function refreshView() {
  try {
    await current?.refresh?.();
    if (hasViewFailed) {
      saySilence();
    }
    hasViewFailed = false;
  } catch (failure) {
    hasViewFailed = true;
    complain(failure);
  }
}

async function poll() {
  clearTimeout(timer);
  if (isAsking || isPaused || document.hidden) {
    return;
  }
  isAsking = true;
  try {
    await ask();
    await refreshView();
    setText(byId('as-of'), `as of ${new Date().toISOString().slice(11, 19)} UTC`);
  } catch (failure) {
    overview.forgetReadings();
    overview.readiness('bad', failure instanceof api.Refused ? failure.message : 'The bridge does not answer');
  } finally {
    isAsking = false;
    show(forgetToken, api.token.get() !== null);
    timer = setTimeout(poll, EVERY_MS);
  }
}

api.whenTokenIsAsked((wasWrong) => new Promise((resolve) => {
  setText(byId('token-wrong'), wasWrong ? NO_TOKEN : '');
  tokenForm.reset();
  if (!tokenDialog.open) {
    tokenDialog.showModal();
  }
  tokenDialog.addEventListener('close', () => resolve(), {once: true});
}));
tokenForm.addEventListener('submit', (submitted) => {
  submitted.preventDefault();
  const given = tokenForm.elements.token.value.trim();
  if (/^[\x20-\x7e]+$/.test(given)) {
    api.token.keep(given);
    tokenForm.reset();
    tokenDialog.close();
  } else {
    // a header cannot hold it
    setText(byId('token-wrong'), NO_TOKEN);
  }
});
forgetToken.addEventListener('click', () => {
  api.token.forget();
  // with all that was shown
  location.reload();
});

pause.addEventListener('click', () => {
  isPaused = !isPaused;
  pause.setAttribute('aria-pressed', String(isPaused));
  overview.forgetReadings();
  poll();
});
document.addEventListener('visibilitychange', () => {
  overview.forgetReadings();
  poll();
});
window.addEventListener('hashchange', () => open(false));

// with a token, where one is asked for
poll().then(() => open(true));
