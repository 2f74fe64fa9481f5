import { describe, expect, it } from 'vitest';
import { SourceBook, usableBases } from '../../../web/verify/source-book.ts';

const own = 'http://own';
const near = 'http://near';
const far = 'http://far';

describe('the source book', () => {
  it('asks the own gateway first', () => {
    expect(new SourceBook(own, [near]).pick(0)).toBe(own);
  });

  it('leaves a liar for long, and comes back to it only when all others rest', () => {
    const book = new SourceBook(own, [near]);
    book.failed(own, 'wrong-bytes', 1_000);
    expect(book.pick(60_000)).toBe(near);
    book.succeeded(near, 1 << 20, 2_000);
    book.failed(near, 'unreachable', 60_000);
    expect(book.pick(60_001)).toBe(near);
    expect(book.pick(60_001, new Set([near]))).toBe(own);
  });

  it('leaves a silent source for a short while, longer each time, and forgives at the first success', () => {
    const book = new SourceBook(own, [near]);
    book.failed(own, 'unreachable', 0);
    expect(book.pick(1_999)).toBe(near);
    expect(book.pick(2_001)).toBe(own);
    book.failed(own, 'unreachable', 2_001);
    expect(book.pick(5_000)).toBe(near);
    book.succeeded(own, 1 << 20, 100);
    expect(book.pick(5_000)).toBe(own);
  });

  it('goes to a mirror when the own gateway is slow, and stays with the fastest', () => {
    const book = new SourceBook(own, [near, far]);
    book.succeeded(own, 1 << 20, 6_000);
    expect(book.pick(0)).toBe(near);
    book.succeeded(near, 1 << 20, 2_000);
    expect(book.pick(0)).toBe(far);
    book.succeeded(far, 1 << 20, 4_000);
    expect(book.pick(0)).toBe(near);
  });

  it('does not judge a source by how long a crumb took', () => {
    const book = new SourceBook(own, [near]);
    book.succeeded(own, 2_000, 3_000);
    expect(book.pick(0)).toBe(own);
  });

  it('does not blame a source for what it has not got', () => {
    const book = new SourceBook(own, [near]);
    book.failed(own, 'missing', 0);
    expect(book.pick(0)).toBe(own);
    expect(book.pick(0, new Set([own]))).toBe(near);
  });

  it('leaves a mirror that never worked for long after one silence, and one that did work for a short while', () => {
    const book = new SourceBook(own, [near, far]);
    book.succeeded(far, 1 << 20, 2_000);
    book.failed(near, 'unreachable', 0);
    book.failed(far, 'unreachable', 0);
    expect(book.dead()).toEqual(new Set([near]));
    expect(book.pick(3_000, new Set([own]))).toBe(far);
    book.failed(far, 'unreachable', 3_000);
    expect(book.pick(3_001, new Set([own]))).toBe(far);
  });

  it('takes in eight mirrors and no more, however many come', () => {
    const many = Array.from({ length: 20 }, (_, index) => `http://m${index}`);
    const book = new SourceBook(own, many);
    book.add('http://later');
    expect(book.standings().map(({ base }) => base)).toEqual([own, ...many.slice(0, 8)]);
  });

  it('names some source though every one is shunned', () => {
    expect(new SourceBook(own).pick(0, new Set([own]))).toBe(own);
  });
});

describe('usable bases', () => {
  it('keeps whole http addresses, once, without the page’s own', () => {
    const bases = ['http://near:80/', 'http://near', 'http://own', 'ws://near', 'nonsense', 'https://far/x/'];
    expect(usableBases(bases, { origin: own, protocol: 'http:' })).toEqual([near, 'https://far/x']);
  });

  it('keeps no address of a local network on a public page', () => {
    const page = { origin: 'http://own.example', protocol: 'http:' };
    const bases = ['http://192.168.1.1', 'http://localhost:9', 'http://far.example'];
    expect(usableBases(bases, page)).toEqual(['http://far.example']);
  });

  it('keeps only https on an https page', () => {
    expect(usableBases([near, 'https://far'], { origin: 'https://own', protocol: 'https:' })).toEqual([
      'https://far',
    ]);
  });
});
