// Sends each answer until the server says it is stored, under one id, and says honestly how far that is.
// An answer is kept in this browser before its first byte leaves; one that waits is sent when its reader opens a page
// again, be it the list of studies. Another reader at this computer neither sends it nor sees it.
// Without this module the browser posts the form by itself, and the answer is the next page.

const SAVED = 'X-Rating-Saved', REFUSED = 'X-Rating-Refused'; // both name the answer they speak of
const LEAST_WAIT = 500, MOST_WAIT = 15_000, TIMEOUT = 15_000; // milliseconds
const GONE = 410; // the study takes no answers any more; the reader decides when this one is taken off the computer

const page = document.querySelector('[data-reader]');
const words = document.getElementById('words').content.firstElementChild.dataset;
const line = document.querySelector('[data-saved]');
const unsaved = new Set(); // ids of the answers this page tries to send

// The words of a state stand in the page, those of a link in it under the same name with `Link`.
const LOOKS = { saved: 'good', saving: '', draft: '' }; // what is left out is a warning

function say(state, address = line.dataset.saved) {
  const look = LOOKS[state] ?? 'warn', link = words[`${state}Link`];
  line.className = `saved ${look}`;
  line.textContent = words[state];
  if (unsaved.size > 1 && look === 'warn') line.append(` (${words.answers.replace('{n}', unsaved.size)})`);
  if (link) line.append(' ', Object.assign(document.createElement('a'), { href: address, target: '_blank', textContent: link }));
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

const forget = (id) => outbox('readwrite', (store) => store.delete(id));

/** Act while no other window of this browser sends; a browser without locks has the server's guard alone. */
const alone = (act) => (navigator.locks ? navigator.locks.request('outbox', act) : act());

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

/** What every request of this room that changes something carries. */
export const headers = () => ({
  'HX-Request': 'true',
  'X-Reader': page.dataset.reader,
  // Signing in again changes the CSRF token, so it is taken anew each time.
  'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? '',
});

/** One attempt: what it means, and the response where that settles the answer. */
async function attempt({ id, url, body }) {
  let response;
  try {
    response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(body),
      headers: headers(),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT),
    });
  } catch {
    return ['waiting', null];
  }
  // Anyone between can answer 200; only the server knows the id.
  if (response.ok && response.headers.get(SAVED) === id) return ['saved', response];
  if (response.headers.get(REFUSED) === id) return ['refused', response];
  if (response.status === 401 || response.type === 'opaqueredirect') return ['signIn', null];
  return [{ 403: 'stranger', 404: 'unknown' }[response.status] ?? 'waiting', null];
}

/** Send an answer again and again; the response that settles it, null where another window did that meanwhile. */
async function deliver(answer, isOld = false) {
  unsaved.add(answer.id);
  const patience = setTimeout(say, 300, 'saving');
  for (let wait = LEAST_WAIT; ; wait = Math.min(MOST_WAIT, wait * 2)) {
    const [state, response] = await alone(async () => {
      if (isOld && !(await outbox('readonly', (store) => store.get(answer.id)))) return ['saved', null];
      return attempt(answer);
    });
    clearTimeout(patience);
    if (response || state === 'saved') unsaved.delete(answer.id);
    say(state);
    if (response || state === 'saved') return response;
    await pauseFor(wait);
  }
}

/** What htmx calls instead of fetch for the form of a pair, also for that of its first look. */
async function send(url, request) {
  const body = new URLSearchParams(request.body);
  body.delete('csrfmiddlewaretoken');
  const { study, reader } = page.dataset;
  const [id] = url.match(/[0-9a-f-]{36}/); // of the showing
  const answer = { id, url, body: body.toString(), study, reader };
  await outbox('readwrite', (store) => store.put(answer));
  const response = await deliver(answer);
  if (response.status !== GONE) forget(answer.id);
  return response;
}

/** Put the fragment of a response in the place of the pair; on the list of studies, above them. */
async function show(response) {
  const holder = document.createElement('template');
  holder.innerHTML = await response.text();
  const fragment = holder.content.firstElementChild;
  if (page.dataset.study) {
    document.getElementById('pair').replaceWith(fragment);
    window.htmx.process(fragment);
  } else {
    fragment.removeAttribute('id'); // there may be several
    page.append(fragment);
  }
}

/** Say that somebody else's answers wait here; without their reader nothing more can be done for them. */
function tellOfOthers(count) {
  const note = Object.assign(document.createElement('p'), { className: 'notice' });
  note.textContent = (count === 1 ? words.other : words.others).replace('{n}', count);
  page.append(note);
}

/** Send what an earlier page could not; the pair on this page then gives way to the one that is due. */
async function drain() {
  const waiting = (await outbox('readonly', (store) => store.getAll())) ?? [];
  const { reader, study } = page.dataset;
  const own = waiting.filter((answer) => answer.reader === reader);
  if (!study && waiting.length > own.length) tellOfOthers(waiting.length - own.length);
  for (const { id } of own) unsaved.add(id);
  if (!study && own.length) line.textContent = (own.length === 1 ? words.own : words.owns).replace('{n}', own.length);
  for (const answer of own) {
    const isShown = answer.study === study;
    if (isShown) document.getElementById('pair').inert = true; // it may be the pair that was answered
    const response = await deliver(answer, true);
    if (!response) {
      if (isShown) location.reload();
    } else if (response.ok || (isShown && response.status !== GONE)) {
      await forget(answer.id);
      if (isShown) await show(response);
    } else if (response.status === GONE) {
      if (isShown || !study) await show(response);
    } else {
      say('choose', `/reading/${answer.study}/`);
    }
  }
}

/** A draft that was still on its way when this page was made: ask again until it is in the page. */
async function resume() {
  const sent = JSON.parse(sessionStorage.getItem('draft'));
  for (let tries = 0; sent && tries < 8; tries++) {
    const pair = document.querySelector('form#pair');
    if (pair?.querySelector('h1').textContent !== sent.pair) return;
    if (pair.dataset.draft === sent.stamp) break;
    if (tries) await pauseFor(100 * tries);
    const response = await fetch(location.href, { headers: { 'HX-Request': 'true' } }).catch(() => null);
    if (response?.ok) await show(response);
  }
  sessionStorage.removeItem('draft');
  if (document.querySelector('[data-draft]')) say('draft');
}

document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  if (ctx.sourceElement.closest('#pair')) ctx.fetch = send;
});
document.addEventListener('click', async ({ target }) => {
  if (!target.dataset?.discard) return;
  await forget(target.dataset.discard);
  target.parentElement.textContent = words.discarded;
});
addEventListener('beforeunload', (event) => { if (page.dataset.study && unsaved.size) event.preventDefault(); });
// A page out of the back-forward cache shows a pair that was rated since.
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
drain().then(resume);
