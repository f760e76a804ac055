import { expect, test, vi } from 'vitest';
import { Emitter } from './emitter.ts';

test('every listener gets each value, also if another one throws', () => {
  const onError = vi.fn();
  const emitter = new Emitter<number>(onError);
  const heard: number[] = [];
  const failure = new Error('broken');
  const stop = emitter.listen(() => {
    throw failure;
  });
  emitter.listen((value) => heard.push(value));
  emitter.emit(1);
  stop();
  emitter.emit(2);
  expect(heard).toEqual([1, 2]);
  expect(onError.mock.calls).toEqual([[failure, 1]]);
});
