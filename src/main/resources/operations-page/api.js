/** What the page asks the bridge for, with the operators' token where there is one. */

const TOKEN = 'bridge.ops.token';
const PATIENCE_MS = 15_000;

/** The bridge answered, and not as it was hoped. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const token = {
  /** @returns {?string} */
  get: () => sessionStorage.getItem(TOKEN),
  keep: (value) => sessionStorage.setItem(TOKEN, value),
  forget: () => sessionStorage.removeItem(TOKEN),
};

let asking = null;
let askForToken = async () => {};

/** @param {function(boolean): Promise<void>} handler ends once a token is kept; is told if there was a wrong one */
export function whenTokenIsAsked(handler) {
  askForToken = handler;
}

/** Numbers that JavaScript would change stay as they were sent, where the browser can keep them. */
function exactNumber(name, value, context) {
  return typeof value === 'number' && context && JSON.rawJSON && String(value) !== context.source
    ? JSON.rawJSON(context.source) : value;
}

/** Of JSON. */
export const read = (text) => JSON.parse(text, exactNumber);

async function fetchWithToken(path, options, patience) {
  for (;;) {
    const shown = token.get();
    const response = await fetch(path, {
      ...options,
      headers: {...options.headers, ...(shown ? {Authorization: `Bearer ${shown}`} : {})},
      redirect: 'error',
      signal: patience ? AbortSignal.timeout(patience) : undefined,
    });
    if (response.status !== 401) {
      return response;
    }
    if (token.get() === shown) {
      token.forget();
      asking ??= askForToken(shown !== null).finally(() => {
        asking = null;
      });
    }
    await asking;
  }
}

async function refusal(response) {
  let message;
  try {
    message = (await response.json()).message;
  } catch {
    // what stands before the bridge may answer in its place
  }
  return new Refused(response.status, message ?? `The answer was ${response.status}`);
}

async function send(path, options = {}, patience = PATIENCE_MS) {
  const response = await fetchWithToken(path, options, patience);
  if (!response.ok) {
    throw await refusal(response);
  }
  return response;
}

/** A part of a path. An id that leads elsewhere, such as an empty one, is none. */
function segment(id) {
  if (['', '.', '..'].includes(id)) {
    throw new Refused(404, 'This id cannot be asked for by its path');
  }
  return encodeURIComponent(id);
}

function withQuery(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== '' && value !== undefined);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

async function getJson(path, parameters = {}) {
  return read(await (await send(withQuery(path, parameters))).text());
}

/** An act may take as long as there is to do. */
async function act(method, path, parameters = {}) {
  const response = await send(withQuery(path, parameters), {method}, 0);
  return response.status === 204 ? {} : response.json();
}

export const accounting = () => getJson('ops/accounting');
export const metrics = async () => (await send('observe/metrics', {headers: {Accept: 'text/plain'}})).text();

/** Also of a bridge that is not ready, which is 503. */
export async function health() {
  const response = await fetchWithToken('observe/health', {}, PATIENCE_MS);
  if (response.status !== 200 && response.status !== 503) {
    throw await refusal(response);
  }
  return response.json();
}

export const events = (filter) => getJson('ops/events', filter);
export const story = (id) => getJson(`ops/events/${segment(id)}`);

/** @param {string} list `dead-letters`, `rejected` or `outbox` */
export const kept = (list, filter) => getJson(`ops/${list}`, filter);
export const replay = (list, id) => act('POST', `ops/${list}/${segment(id)}/replay`);
export const remove = (list, id) => act('DELETE', `ops/${list}/${segment(id)}`);
export const replayAll = (list, filter) => act('POST', `ops/${list}/replay`, filter);
export const removeAll = (list, filter) => act('DELETE', `ops/${list}`, filter);

/** @param {string} event JSON, as it would be posted to the webhook */
export async function explain(event) {
  const response = await send('ops/explain',
    {method: 'POST', headers: {'Content-Type': 'application/json'}, body: event});
  return read(await response.text());
}
