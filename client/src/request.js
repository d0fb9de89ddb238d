import { SECOND } from './time.js';
import { parse } from './values.js';

/** @typedef {import('../types/pbp.js').Json} Json */
/** @typedef {import('../types/pbp.js').Row} Row */

/** A write or read that failed. `status` is 0 if it is not known whether it was done. */
export class Refused extends Error {
  /**
   * @param {string} message
   * @param {{ status?: number, problem?: Record<string, Json>, current?: Row | null, retryAfter?: number }} [details]
   */
  constructor(message, { status = 0, problem = {}, current = null, retryAfter = 0 } = {}) {
    super(message);
    this.name = 'Refused';
    this.status = status;
    this.problem = problem;
    this.current = current;
    this.retryAfter = retryAfter;
  }
}

/**
 * Whether a request fails however often it is made.
 *
 * @param {any} error
 */
export function isPermanent({ status }) {
  return [400, 401, 403, 404].includes(status);
}

/**
 * One request, answered with JSON or nothing.
 *
 * @param {import('../types/internal.js').Platform} platform
 * @param {string} url
 * @param {RequestInit & { headers?: Record<string, string> }} options
 * @returns {Promise<{ response: Response, body: any }>}
 * @throws {Refused} where the status is not one of success
 */
export async function request(platform, url, { headers = {}, ...options }) {
  const response = await platform.fetch(url, { cache: 'no-store', ...options, headers: { Accept: 'application/json', ...headers } });
  const text = await response.text();
  if (response.ok) {
    return { response, body: text ? parse(text) : null };
  }
  const problem = response.headers.get('Content-Type')?.includes('json') ? parse(text) : {};
  throw new Refused(problem.detail ?? `${url}: ${response.status} ${response.statusText}`, {
    status: response.status,
    problem,
    current: problem.current ?? null,
    retryAfter: (Number(response.headers.get('Retry-After')) || 0) * SECOND,
  });
}

/**
 * A signal that is also aborted after a time, where the browser can combine the two.
 *
 * @param {AbortSignal} signal
 * @param {number} millis
 */
export function limited(signal, millis) {
  return 'any' in AbortSignal ? AbortSignal.any([signal, AbortSignal.timeout(millis)]) : signal;
}
