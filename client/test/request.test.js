import assert from 'node:assert/strict';
import { test } from 'node:test';
import { response } from '../fakes/server.js';
import { isPermanent, Refused, request } from '../src/request.js';

const platform = (answer) => ({ fetch: async () => answer });
const failure = (answer) => request(platform(answer), '/api/t', {}).then(assert.fail, (error) => error);

test('JSON is parsed, and an empty body is null', async () => {
  assert.deepEqual((await request(platform(response(200, [1])), '/api/t', {})).body, [1]);
  assert.equal((await request(platform(response(204, null)), '/api/t', {})).body, null);
});

test('a failure has the server’s reason, the present row and the time to wait', async () => {
  const error = await failure(response(412, { detail: 'another', current: { id: 1 } }, { 'Retry-After': '3' }));
  assert.ok(error instanceof Refused);
  assert.equal(error.name, 'Refused');
  assert.equal(error.message, 'another');
  assert.deepEqual([error.status, error.current, error.retryAfter], [412, { id: 1 }, 3000]);
  assert.equal(error.problem.detail, 'another');
});

test('a failure without problem details names the address and the status', async () => {
  const error = await failure({ ...response(502, '<html>', { 'Content-Type': 'text/html' }), statusText: 'Bad Gateway' });
  assert.equal(error.message, '/api/t: 502 Bad Gateway');
  assert.deepEqual([error.problem, error.current, error.retryAfter], [{}, null, 0]);
});

test('only what is refused for good is permanent', () => {
  assert.deepEqual([400, 401, 403, 404, 409, 410, 429, 500, 503].filter((status) => isPermanent({ status })), [400, 401, 403, 404]);
  assert.ok(!isPermanent(new TypeError('the network is gone')));
});
