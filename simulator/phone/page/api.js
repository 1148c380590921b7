/** The calls of the phone API. Whatever serves them may stand behind this page. */

/** Refused is an answer that is not 200: what happened, and what to do about it. */
export class Refused extends Error {
  constructor(status, what, mend) {
    super(what);
    this.status = status;
    this.mend = mend;
  }
}

/** call asks once. A server that does not answer is Refused with status 0. */
async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body ? { 'Content-Type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, 'the simulator does not answer', 'start it again: go run ./simulator demo');
  }
  const value = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, value.error || 'HTTP ' + response.status, value.mend || '');
  return value;
}

const of = (number, what) => `/api/phones/${number}/${what}`;

export const dial = (number, code) => call('POST', of(number, 'dial'), { code });
export const press = (number, input) => call('POST', of(number, 'press'), { input });
export const hangup = (number) => call('POST', of(number, 'hangup'));
export const screen = (number) => call('GET', of(number, 'screen'));
export const sms = (number) => call('GET', of(number, 'sms'));
export const speak = (number, language) => call('POST', of(number, 'language'), { language });
export const trace = (session) => call('GET', '/api/trace?session=' + encodeURIComponent(session));
export const fault = (kind, more = {}) => call('POST', '/api/faults', { kind, ...more });

/**
 * listen hears what happens as it happens. The browser connects again by itself; each
 * time it did, connected() is called, since events may have passed meanwhile.
 */
export function listen({ connected, lost, ...on }) {
  const source = new EventSource('/api/events');
  source.addEventListener('open', connected);
  source.addEventListener('error', lost);
  for (const [kind, hear] of Object.entries(on)) {
    source.addEventListener(kind, (event) => hear(JSON.parse(event.data)));
  }
}
