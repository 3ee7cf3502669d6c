/** What would happen to an event. */

import * as api from './api.js';
import {byId, complain, json, outcome, row, saySilence, show} from './dom.js';

const CHECKS = ['Check', 'Result', 'Detail'];

const form = byId('explain-form');

/** Puts an event in the box. */
export function fillIn(event) {
  form.elements.event.value = event;
  show(byId('explained'), false);
}

/** The detail is sent as a text; here it is seen as what it holds. */
const laidOut = (entry) => ({...entry, Detail: api.read(entry.Detail)});

async function explain() {
  const told = await api.explain(form.elements.event.value);
  byId('explained-outcome').replaceChildren(`${told.status} `, outcome(told.outcome));
  byId('explained-checks').replaceChildren(...told.checks.map((check) => row(CHECKS,
    [check.check.replaceAll('_', ' '), outcome(check.result, check.result.replaceAll('_', ' ')), check.detail ?? ''])));
  byId('explained-entry').textContent = told.entry === undefined ? 'None' : json(laidOut(told.entry));
  show(byId('explained'), true);
  byId('explained').querySelector('h2').focus();
}

form.addEventListener('submit', async (submitted) => {
  submitted.preventDefault();
  saySilence();
  try {
    await explain();
  } catch (failure) {
    show(byId('explained'), false);
    complain(failure);
  }
});
