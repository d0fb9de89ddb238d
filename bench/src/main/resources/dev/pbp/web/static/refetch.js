// The benchmark's peer: after each event the whole table is fetched and shown anew, as the original site's page did. It
// knows the server's older protocol alone. Rows stand as on our page, the newest first.
const body = document.getElementById('rows');
let laterthan;

/** One at a time; what happened during a fetch is fetched once more. */
let wanted = false;
let fetching = false;

async function refetch() {
  wanted = true;
  if (fetching) return;
  fetching = true;
  while (wanted) {
    wanted = false;
    const answer = await fetch('/api/testtype', { cache: 'no-store', headers: { Accept: 'application/json' } });
    show(await answer.json());
  }
  fetching = false;
}

function show(rows) {
  const elements = rows.map(({ id, val, mtime }) => {
    const row = document.createElement('tr');
    row.className = 'row';
    row.dataset.key = id;
    for (const [name, text] of [['id', id], ['val', val], ['time', mtime]]) {
      const cell = row.appendChild(document.createElement('td'));
      cell.className = name;
      cell.textContent = text;
    }
    return row;
  });
  body.replaceChildren(...elements.reverse());
}

async function listen() {
  for (;;) {
    const subscription = { ...(laterthan === undefined ? {} : { laterthan }), types: [{ type: 'testtype' }] };
    const answer = await fetch('/api/_listen', { method: 'POST', body: JSON.stringify([subscription]) });
    const events = JSON.parse(await answer.text());
    if (events.length > 0) {
      laterthan = Math.max(laterthan ?? 0, ...events.map(({ mtime }) => mtime));
      refetch();
    }
  }
}

refetch();
listen();
