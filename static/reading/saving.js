// Sends each answer until the server says it is stored, under one id, and says honestly how far that is.
// An answer is kept in this browser before its first byte leaves; one that waits is sent when a page opens again.
// Without this module the browser posts the form by itself, and the answer is the next page.

const SAVED_BY = 'X-Rating-Saved';
const LEAST_WAIT = 500, MOST_WAIT = 15_000, TIMEOUT = 15_000; // milliseconds
const TO_THE_READER = [409, 410, 422]; // the page that comes with these shows the answer and what to do

const page = document.getElementById('main');
const line = document.querySelector('[data-saved]');
let unsaved = 0;

const STATES = {
  saving: ['', 'Saving'],
  saved: ['good', '✓ Saved'],
  waiting: ['warn', '! Not yet saved, kept on this computer, trying again'],
  'sign-in': ['warn', '! Not yet saved: sign in again in a new tab'],
  refused: ['warn', '! Not saved: see the page'],
};

function say(state) {
  const [look, words] = STATES[state];
  line.className = `saved ${look}`;
  line.textContent = words;
}

/** One transaction on the store of unsent answers; undefined where the browser keeps none. */
async function outbox(mode, act) {
  try {
    const database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open('radiorate', 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore('outbox', { keyPath: 'id' });
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    return await new Promise((resolve, reject) => {
      const work = database.transaction('outbox', mode, { durability: 'strict' });
      const request = act(work.objectStore('outbox'));
      work.oncomplete = () => resolve(request.result);
      work.onabort = work.onerror = () => reject(work.error);
    }).finally(() => database.close());
  } catch {
    return undefined; // a private window, a full disk: the answer is still on the screen
  }
}

/** Sleep, but wake up when the network or the reader comes back. */
function pauseFor(milliseconds) {
  return new Promise((resolve) => {
    const events = ['online', 'focus'];
    const wake = () => {
      clearTimeout(timer);
      events.forEach((name) => removeEventListener(name, wake));
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    events.forEach((name) => addEventListener(name, wake));
  });
}

/** One attempt: the response and what it means. */
async function attempt({ id, url, body }) {
  // Signing in again changes the CSRF token, so it is taken anew each time.
  const token = document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? '';
  let response;
  try {
    response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(body),
      headers: { 'HX-Request': 'true', 'X-CSRFToken': token },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT),
    });
  } catch {
    return ['waiting', null];
  }
  // Anyone between can answer 200; only the server knows the id.
  if (response.ok && response.headers.get(SAVED_BY) === id) return ['saved', response];
  if (TO_THE_READER.includes(response.status)) return ['refused', response];
  const isStranger = [401, 403, 404].includes(response.status) || response.type === 'opaqueredirect';
  return [isStranger ? 'sign-in' : 'waiting', null];
}

/** Send an answer again and again; resolves with the response that settled it. */
async function deliver(answer) {
  unsaved += 1;
  const patience = setTimeout(say, 300, 'saving');
  for (let wait = LEAST_WAIT; ; wait = Math.min(MOST_WAIT, wait * 2)) {
    const [state, response] = await attempt(answer);
    clearTimeout(patience);
    say(state);
    if (response) {
      unsaved -= 1;
      await outbox('readwrite', (store) => store.delete(answer.id));
      return response;
    }
    await pauseFor(wait);
  }
}

/** What htmx calls instead of fetch for the form of a pair. */
async function send(url, request) {
  const body = new URLSearchParams(request.body);
  body.delete('csrfmiddlewaretoken');
  const answer = { id: url.split('/').at(-2), url, body: body.toString(), study: page.dataset.study };
  await outbox('readwrite', (store) => store.put(answer));
  return deliver(answer);
}

/** Send what an earlier page could not; the pair on this page then gives way to the one that is due. */
async function drain() {
  for (const answer of (await outbox('readonly', (store) => store.getAll())) ?? []) {
    const response = await deliver(answer);
    const pair = document.getElementById('pair');
    if (!pair || answer.study !== page.dataset.study) continue;
    const holder = document.createElement('template');
    holder.innerHTML = await response.text();
    pair.replaceWith(holder.content);
    window.htmx.process(document.getElementById('pair'));
  }
}

document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  if (ctx.sourceElement.id === 'pair') ctx.fetch = send;
});
addEventListener('beforeunload', (event) => { if (unsaved) event.preventDefault(); });
// A page out of the back-forward cache shows a pair that was rated since.
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
drain();
