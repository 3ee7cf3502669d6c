/** What is kept on disk: dead letters, rejected events and what waits in the outbox. */

import * as api from './api.js';
import {byId, complain, confirmed, el, fill, json, number, row, say, searchBy, setText, show, time} from './dom.js';
import {link} from './events.js';
import {parse} from './metrics.js';

const PAGE = 50;
const ORDERS = {newest: ['Newer', 'Older'], oldest: ['Earlier', 'Later']};

/**
 * A list of one kind.
 *
 * @param {{list: string, title: string, one: string, many: string, about: string, order: string, columns: string[],
 *     canReplay: boolean, canDelete: boolean, hasMany: boolean, gauge: ?string}} kind `list` is its path
 *     under `/ops`; `hasMany` where many can be replayed and deleted at once; `gauge` the metric that counts them
 * @param {function(string): void} explain shows what would happen to an event
 */
export function keptList(kind, explain) {
  const view = document.querySelector(`[data-view="${kind.list}"]`);
  view.append(byId('kept').content.cloneNode(true));
  const part = (role) => view.querySelector(`[data-role=${role}]`);
  const button = (act) => view.querySelector(`[data-act=${act}]`);
  const form = part('filter');
  const body = view.querySelector('tbody');
  const columns = [...kind.columns, 'Event', ...(kind.canReplay || kind.canDelete ? ['Acts'] : [])];
  let filter = {};
  let offset = 0;
  let turn = 0;

  setText(view.querySelector('h1'), kind.title);
  setText(part('about'), kind.about);
  form.setAttribute('aria-label', `Filter ${kind.many}`);
  show(part('all'), kind.hasMany);
  view.querySelector('datalist').id = `reasons-of-${kind.list}`;
  form.elements.reason.setAttribute('list', `reasons-of-${kind.list}`);
  view.querySelector('thead tr').append(...columns.map((name) =>
    el('th', {role: 'columnheader', scope: 'col'}, name)));
  setText(button('newer'), ORDERS[kind.order][0]);
  setText(button('older'), ORDERS[kind.order][1]);

  async function open(parameters) {
    const {offset: after, ...rest} = parameters;
    // nothing else of an address may say what an act is for
    filter = Object.fromEntries(Object.entries(rest).filter(([name]) => form.elements.namedItem(name)));
    offset = Number(after) || 0;
    fill(form, filter);
    await refresh();
  }

  async function refresh() {
    turn += 1;
    const mine = turn;
    const isFiltered = Object.keys(filter).length > 0;
    const [found, total] = await Promise.all([
      api.kept(kind.list, {...filter, limit: PAGE + 1, offset: offset || ''}), howMany(isFiltered)]);
    if (mine !== turn) {
      return;
    }
    const shown = found.slice(0, PAGE);
    view.querySelector('datalist').replaceChildren(
      ...[...new Set(shown.map((event) => (event.reason ?? '').split(':')[0]).filter(Boolean))]
        .map((reason) => el('option', {value: reason})));
    body.replaceChildren(...shown.map(lineOf));
    setText(part('range'), rangeText(shown.length, total, isFiltered));
    button('newer').disabled = offset === 0;
    button('older').disabled = found.length <= PAGE;
    button('replay-all').disabled = shown.length === 0;
    button('delete-all').disabled = shown.length === 0;
  }

  /** How many there are on all pages; not a number where only reading them all would tell. */
  async function howMany(isFiltered) {
    if (isFiltered) {
      return kind.hasMany ? counted('replay') : NaN;
    }
    return kind.gauge ? parse(await api.metrics()).gauge(kind.gauge) : NaN;
  }

  function rangeText(count, total, isFiltered) {
    const match = isFiltered ? ' that match' : '';
    return count === 0 ? `No ${kind.many}${match}${offset > 0 ? ' from here on' : ''}`
      : `${number(offset + 1)} to ${number(offset + count)}`
        + `${total >= offset + count ? ` of ${number(total)}` : ''} ${kind.many}${match}, ${kind.order} first`;
  }

  function lineOf(event) {
    const cells = [time(event.at), event.reason ?? '', String(event.attempts)];
    if (kind.columns.includes('Next try')) {
      cells.push(time(event.nextAttemptAt));
    }
    cells.push(link(event.eventId), bodyOf(event));
    if (kind.canReplay || kind.canDelete) {
      cells.push(actsOf(event));
    }
    return row(columns, cells);
  }

  function bodyOf(event) {
    const text = el('pre', {tabindex: '0', role: 'region', 'aria-label': `Body of ${event.id}`});
    return el('details', {
      toggle: () => {
        if (text.textContent === '') {
          text.textContent = json(event.event);
        }
      },
    }, el('summary', {}, 'Body', el('span', {class: 'unseen'}, ` of ${event.id}`)), text);
  }

  function actsOf(event) {
    const named = (word) => [word, el('span', {class: 'unseen'}, ` ${event.id}`)];
    const isEvent = !event.id.startsWith('datalake-');
    return el('div', {class: 'buttons'},
      kind.canReplay ? el('button', {type: 'button', click: () => replayOne(event)}, ...named('Replay')) : null,
      kind.canDelete
        ? el('button', {type: 'button', class: 'danger', click: () => deleteOne(event)}, ...named('Delete')) : null,
      isEvent ? el('button', {type: 'button', click: () => explain(json(event.event))}, ...named('Explain')) : null);
  }

  /** What is done is said, the list is read anew, and the focus, whose button is gone, goes to the list's title. */
  async function doing(what) {
    try {
      const text = await what();
      if (text) {
        await refresh();
        say(text);
        view.querySelector('h1').focus();
      }
    } catch (failure) {
      await refresh().catch(() => {});
      complain(failure);
    }
  }

  const replayOne = (event) => doing(async () => {
    if (await confirmed({question: `Replay this ${kind.one}?`, yes: 'Replay', isDangerous: false,
      detail: `${event.id} goes to the outbox, or to the data lake, and is tried as if it were new.`})) {
      const {replayed} = await api.replay(kind.list, event.id);
      return `${replayed > 0 ? 'Replayed' : 'Accepted before, so that there is nothing to replay'}: ${event.id}`;
    }
    return null;
  });

  const deleteOne = (event) => doing(async () => {
    if (await confirmed({question: `Delete this ${kind.one}?`, yes: 'Delete', isDangerous: true,
      detail: `${event.id} is gone for good. This cannot be undone.`})) {
      await api.remove(kind.list, event.id);
      return `Deleted: ${event.id}`;
    }
    return null;
  });

  async function counted(act) {
    return act === 'replay' ? (await api.replayAll(kind.list, {...filter, dryRun: 'true'})).replayed
      : (await api.removeAll(kind.list, {...filter, dryRun: 'true'})).deleted;
  }

  const meant = () => {
    const words = [filter.reason && `the reason ${filter.reason}`, filter.from && `received from ${filter.from}`,
      filter.to && `received before ${filter.to}`].filter(Boolean);
    return words.length > 0 ? `Those with ${words.join(', ')}.` : 'These are all of them.';
  };

  const all = (act, word, past, isDangerous) => doing(async () => {
    const wanted = {...filter};
    const count = await counted(act);
    const many = `${number(count)} ${count === 1 ? kind.one : kind.many}`;
    if (!await confirmed({question: `${word} ${many}?`, yes: `${word} ${number(count)}`, isDangerous,
      detail: `${meant()} ${isDangerous ? 'They are gone for good. This cannot be undone.'
        : 'They go to the outbox, or to the data lake, and are tried as if they were new.'}`})) {
      return null;
    }
    say(`${word === 'Replay' ? 'Replaying' : 'Deleting'} ${many}…`);
    const result = act === 'replay' ? await api.replayAll(kind.list, wanted) : await api.removeAll(kind.list, wanted);
    const did = result.replayed ?? result.deleted;
    return `${past} ${number(did)} ${did === 1 ? kind.one : kind.many}`;
  });

  searchBy(form, {name: kind.list, page: PAGE, clear: button('clear'), newer: button('newer'), older: button('older'),
    shown: () => ({filter, offset}), refresh});
  button('replay-all').addEventListener('click', () => all('replay', 'Replay', 'Replayed', false));
  button('delete-all').addEventListener('click', () => all('delete', 'Delete', 'Deleted', true));

  return {open};
}
