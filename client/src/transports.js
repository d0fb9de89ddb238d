import { request } from './request.js';
import { parse } from './values.js';

const POLL_WAIT_SECONDS = 18;

/**
 * The ways to follow the feed, the best first. A socket is not one of the browser's six connections. Each opens a
 * connection, fires `message`, `refetch` and `lost`, and returns what closes it.
 *
 * @type {Record<import('../types/internal.js').TransportName, import('../types/internal.js').Transport>}
 */
export const TRANSPORTS = {
  socket(platform, address, fire) {
    const url = new URL(address(), platform.address());
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = platform.webSocket(String(url));
    socket.onmessage = ({ data }) => {
      const message = parse(data);
      fire(message.mustRefetch ? 'refetch' : 'message', message);
    };
    socket.onclose = ({ reason }) => {
      const retryAfter = Number(/^retry=(\d+)$/.exec(reason)?.[1] ?? 0); // of a server that is about to end
      fire('lost', Object.assign(new Error('the connection was lost'), { retryAfter }));
    };
    return () => socket.close();
  },

  stream(platform, address, fire) {
    const source = platform.eventSource(address());
    source.onmessage = ({ data }) => fire('message', parse(data));
    source.addEventListener('must-refetch', () => fire('refetch'));
    // The browser's own reconnecting has no jitter, and ends at a 503.
    source.onerror = () => fire('lost', new Error('the connection was lost'));
    return () => source.close();
  },

  poll(platform, address, fire) {
    const abort = new AbortController();
    const { signal } = abort;
    (async () => {
      for (let wait = 0; !signal.aborted; wait = POLL_WAIT_SECONDS) {
        const { body } = await request(platform, address(wait), { signal });
        fire('message', body);
      }
    })().catch((error) => fire(error.status === 410 ? 'refetch' : 'lost', error));
    return () => abort.abort();
  },
};
