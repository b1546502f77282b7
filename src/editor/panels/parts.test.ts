import { describe, expect, it } from 'vitest';
import type { JournalRecord, RunEvent } from '../../protocol/events';
import { historyEvents, messagesOf, viewEvents } from './parts';

const step = (number: number): RunEvent => ({
  type: 'stepEnd',
  step: number,
  epoch: 1,
  trainLoss: 0.123456789012345,
  trainAccuracy: 0.5,
  learningRate: 0.001,
  gradientNorm: 1,
  stepMs: 40.123456789,
});
const predictions = (epoch: number, count: number): RunEvent => ({
  type: 'predictions',
  epoch,
  items: Array.from({ length: count }, (_, index) => ({
    file: `/home/me/${'folder/'.repeat(20)}${index}.png`,
    label: 0,
    predicted: 1,
    probability: 0.5,
    loss: 0.693,
  })),
});
const recordsOf = (events: RunEvent[]): JournalRecord[] =>
  events.map((event, seq) => ({ seq, timeMs: seq, event }));
const types = (events: readonly { event: RunEvent }[]) => events.map(({ event }) => event.type);

describe('messagesOf', () => {
  it('cuts 20,000 steps into messages of at most 64 KB, with each step once and in order', () => {
    const events = viewEvents(recordsOf(Array.from({ length: 20_000 }, (_, index) => step(index + 1))));
    const messages = messagesOf([{ runId: 'a', events }]);
    expect(messages.length).toBeGreaterThan(10);
    for (const message of messages) expect(JSON.stringify(message).length).toBeLessThan(64 * 1024);
    const steps = messages
      .flat()
      .flatMap((update) => update.events.map(({ event }) => (event as { step: number }).step));
    expect(steps).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
  });

  it('puts short news of several runs into one message, and says nothing of a run without news', () => {
    const events = viewEvents(recordsOf([step(1)]));
    const updates = [
      { runId: 'a', events },
      { runId: 'b', events: [] },
      { runId: 'c', events: [], interrupted: true as const },
    ];
    expect(messagesOf(updates)).toEqual([[updates[0], updates[2]]]);
    expect(messagesOf([{ runId: 'b', events: [] }])).toEqual([]);
  });

  it('tells of an interruption after the last of the events', () => {
    const events = viewEvents(recordsOf(Array.from({ length: 10 }, (_, index) => step(index + 1))));
    const messages = messagesOf([{ runId: 'a', events, interrupted: true }], 600);
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.flat().map(({ interrupted }) => interrupted ?? false)).toEqual([
      ...messages.slice(1).map(() => false),
      true,
    ]);
  });
});

describe('what the view gets of a journal', () => {
  it('is without what it does not draw', () => {
    const records = recordsOf([
      { type: 'log', text: 'x' },
      step(1),
      { type: 'checkpoint', step: 1, directory: '/x' },
    ]);
    expect(types(viewEvents(records))).toEqual(['stepEnd']);
  });
  it('has long predictions in pieces of the same epoch that fit into a message', () => {
    const pieces = viewEvents(recordsOf([predictions(2, 250)]));
    expect(types(pieces)).toEqual(['predictions', 'predictions', 'predictions']);
    const items = pieces.flatMap(({ event }) => (event.type === 'predictions' ? event.items : []));
    expect(items).toEqual((predictions(2, 250) as { items: unknown }).items);
    for (const piece of pieces) expect(JSON.stringify(piece).length).toBeLessThan(64 * 1024);
  });
  it('has of a history the last predictions alone', () => {
    const events = historyEvents(recordsOf([predictions(1, 3), step(1), predictions(2, 3), step(2)]));
    expect(
      events.map(({ event }) => ('epoch' in event ? `${event.type} ${event.epoch}` : event.type)),
    ).toEqual(['stepEnd 1', 'predictions 2', 'stepEnd 1']);
  });
});
