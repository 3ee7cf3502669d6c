/** How the page shows things. Whatever an event or a neighbour had a say in becomes text and never markup. */

/** Characters that are not seen or turn others around: they are written as their code. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const NUMBERS = new Intl.NumberFormat('en');

export const byId = (id) => document.getElementById(id);

/** Text in which nothing hides. */
export function visible(text) {
  return String(text).replace(UNSEEN, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);
}

/** On one line. */
const oneLine = (text) => visible(text).replaceAll('\n', '\\n');

/** An element with attributes; children that are no elements become text. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(attribute, value);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(attribute, value === true ? '' : value);
    }
  }
  element.append(...children.filter((child) => child !== undefined && child !== null)
    .map((child) => (child instanceof Node ? child : oneLine(child))));
  return element;
}

/** Only where it is another, so that a selection stays and nothing is read out twice. */
export function setText(element, text) {
  const shown = oneLine(text);
  if (element.textContent !== shown) {
    element.textContent = shown;
  }
}

export function show(element, isShown) {
  if (element.hidden === isShown) {
    element.hidden = !isShown;
  }
}

export const number = (value) => (Number.isFinite(value) ? NUMBERS.format(value) : 'not known');

/** 3 s, 2 min 5 s, 3 h 12 min, 2 d 4 h. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) {
    return 'not known';
  }
  const whole = Math.floor(seconds);
  const units = [['d', 86_400], ['h', 3_600], ['min', 60], ['s', 1]];
  const first = units.findIndex(([, size]) => whole >= size);
  if (first < 0) {
    return '0 s';
  }
  return units.slice(first, first + 2).map(([unit, size], i) =>
    [Math.floor((i === 0 ? whole : whole % units[first][1]) / size), unit])
    .filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(' ');
}

/** A point in time of the bridge's, as a person reads it. */
export function time(text) {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*Z$/.exec(text ?? '');
  return parts ? el('time', {datetime: text}, `${parts[1]} ${parts[2]}`) : el('span', {}, text ?? '');
}

/** A word with a sign, so that its colour is not all that tells. */
export function badge(level, word) {
  const sign = {good: '✓', warn: '!', bad: '✕', none: '–'}[level];
  return el('span', {class: `badge ${level}`}, el('span', {'aria-hidden': 'true'}, sign), ` ${word}`);
}

const LEVELS = {processed: 'good', duplicate_skipped: 'none', queued: 'warn', passed: 'good', success: 'good',
  told: 'good', waiting: 'warn', skipped: 'none', off: 'none', not_reached: 'none'};

/** An outcome or a result by its word. */
export const outcome = (word, shown = word) => (word === undefined ? '' : badge(LEVELS[word] ?? 'bad', shown));

/** A row of a table; on a narrow screen each cell tells its column. */
export function row(columns, cells) {
  return el('tr', {role: 'row'}, ...cells.map((cell, i) =>
    el('td', {role: 'cell', 'data-label': columns[i]}, cell)));
}

/** JSON of the same meaning, laid out; what is not seen is escaped, which it can only be in a string. */
export function json(value) {
  return JSON.stringify(value, null, 2).replace(UNSEEN, (character) =>
    character.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''));
}

const done = byId('done');
const failed = byId('failed');

/** What was done. The place for it is always there, so that it is read out when it is filled. */
export function say(text) {
  setText(failed, '');
  setText(done, text);
}

export function complain(failure) {
  setText(done, '');
  setText(failed, failure.name === 'TimeoutError' ? 'The bridge did not answer in time'
    : failure instanceof TypeError ? 'The bridge cannot be reached' : failure.message);
}

export function saySilence() {
  setText(done, '');
  setText(failed, '');
}

const dialog = byId('confirm');

/**
 * Asks before something is done.
 *
 * @param {{question: string, detail: string, yes: string, isDangerous: boolean}} what
 * @returns {Promise<boolean>}
 */
export function confirmed({question, detail, yes, isDangerous}) {
  const go = byId('confirm-yes');
  setText(byId('confirm-question'), question);
  setText(byId('confirm-detail'), detail);
  setText(go, yes);
  go.className = isDangerous ? 'danger' : 'first';
  dialog.returnValue = '';
  dialog.showModal();
  byId('confirm-no').focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), {once: true});
  });
}

byId('confirm-yes').addEventListener('click', () => dialog.close('yes'));
byId('confirm-no').addEventListener('click', () => dialog.close(''));

/** What a form is filled with, times as the bridge reads them. */
export function filterOf(form) {
  const filter = {};
  for (const field of form.elements) {
    const value = field.name ? field.value.trim() : '';
    if (value) {
      filter[field.name] = field.type === 'datetime-local' ? utc(value) : value;
    }
  }
  return filter;
}

/** A field leaves out seconds that are zero. */
const utc = (value) => `${/T\d\d:\d\d$/.test(value) ? `${value}:00` : value}Z`;

/**
 * What a list does when its form is sent or cleared, or a page is turned: it goes where the address says what is shown.
 *
 * @param {HTMLFormElement} form what is searched for
 * @param {{name: string, page: number, clear: HTMLElement, newer: HTMLElement, older: HTMLElement,
 *     shown: function(): {filter: object, offset: number}, refresh: function(): Promise}} list
 */
export function searchBy(form, {name, page, clear, newer, older, shown, refresh}) {
  const go = (parameters) => {
    const query = new URLSearchParams(parameters).toString();
    location.hash = query ? `#${name}?${query}` : `#${name}`;
  };
  const turnPage = (by) => {
    const {filter, offset} = shown();
    go({...filter, ...(offset + by > 0 ? {offset: offset + by} : {})});
  };
  form.addEventListener('submit', (submitted) => {
    submitted.preventDefault();
    const wanted = filterOf(form);
    const {filter, offset} = shown();
    if (JSON.stringify(wanted) === JSON.stringify(filter) && offset === 0) {
      refresh().catch(complain);
    } else {
      go(wanted);
    }
  });
  clear.addEventListener('click', () => go({}));
  newer.addEventListener('click', () => turnPage(-page));
  older.addEventListener('click', () => turnPage(page));
}

export function fill(form, filter) {
  for (const field of form.elements) {
    if (field.name) {
      const value = filter[field.name] ?? '';
      field.value = field.type === 'datetime-local' ? value.replace(/Z$/, '') : value;
    }
  }
}
