// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

// BullMQ: the same roles, options and output as driver.cpp has; see there. Bodies as in load.h.

import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import net from 'node:net';
import { parseArgs } from 'node:util';

const kBatch = 250; // jobs of one addBulk
const kBatchesInFlight = 4;
const kConcurrency = 200;
const kName = 'job';

const now = () => process.hrtime.bigint();

const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
        queue: { type: 'string', default: 'bench' },
        variant: { type: 'string' },
        count: { type: 'string', default: '1' },
        size: { type: 'string', default: '256' },
        rate: { type: 'string', default: '0' },
        seconds: { type: 'string', default: '0' },
        lone: { type: 'boolean', default: false },
    },
});
const [role, endpoint] = positionals;
const count = Number(values.count);
const size = Number(values.size);
const rate = Number(values.rate);
const seconds = Number(values.seconds);

const redisOptions = { maxRetriesPerRequest: null };
const connect = () =>
    endpoint.includes('/')
        ? new Redis({ ...redisOptions, path: endpoint })
        : new Redis({ ...redisOptions, host: '127.0.0.1', port: Number(endpoint) });

const kStretches = 1021;
const text = (() => {
    const letters = [];
    for (let i = 0, state = 1; i < size + kStretches; ++i) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        letters.push(String.fromCharCode(65 + ((state >>> 24) % 26)));
    }
    return letters.join('');
})();
const stretch = (number) => text.slice(number % kStretches, (number % kStretches) + size - 32);
const makeBody = (number, stamp) =>
    number.toString(16).padStart(16, '0') + stamp.toString(16).padStart(16, '0') + stretch(number);

class Checker {
    constructor(isTimed) {
        this.seen = new Uint8Array(count);
        this.isTimed = isTimed;
        this.latencies = [];
        this.distinct = this.duplicates = this.mismatches = 0;
        this.first = 0n;
    }
    check(body) {
        if (this.first === 0n) this.first = now();
        const number = parseInt(body.slice(0, 16), 16);
        if (body.length !== size || !(number < count) || body.slice(32) !== stretch(number)) {
            ++this.mismatches;
        } else if (this.seen[number]) {
            ++this.duplicates;
        } else {
            this.seen[number] = 1;
            ++this.distinct;
            if (this.isTimed) this.latencies.push(Number(now() - BigInt('0x' + body.slice(16, 32))));
        }
    }
    latencyMs(quantile) {
        this.latencies.sort((a, b) => a - b);
        return (this.latencies[Math.round((this.latencies.length - 1) * quantile)] ?? 0) * 1e-6;
    }
}

const print = (report) =>
    console.log(JSON.stringify(report, (_, value) => (typeof value === 'bigint' ? Number(value) : value)));
const openQueue = () => new Queue(values.queue, { connection: connect() });
const jobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: false };
const jobs = (first, some) => {
    const stamp = now();
    return Array.from({ length: some }, (_, i) => ({
        name: kName,
        data: { body: makeBody(first + i, stamp) },
        opts: jobOptions,
    }));
};

async function produceAll(queue, messages) {
    if (values.lone) {
        for (let next = 0; next < messages; ++next) await queue.addBulk(jobs(next, 1));
        return;
    }
    let next = 0;
    const lane = async () => {
        while (next < messages) {
            const first = next;
            next = Math.min(messages, next + kBatch);
            await queue.addBulk(jobs(first, next - first));
        }
    };
    await Promise.all(Array.from({ length: kBatchesInFlight }, lane));
}

// Timers are too coarse for this: the thread sleeps in short pieces, with a turn of the event loop after each.
async function producePaced(queue) {
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    const start = now();
    const confirms = [];
    for (let next = 0; next < count; ++next) {
        const due = start + BigInt(Math.round((next * 1e9) / rate));
        for (let left = due - now(); left > 0n; left = due - now()) {
            Atomics.wait(sleeper, 0, 0, Math.min(Number(left) * 1e-6, 0.2));
            await new Promise((resolve) => setImmediate(resolve));
        }
        confirms.push(queue.add(kName, { body: makeBody(next, due) }, jobOptions));
    }
    await Promise.all(confirms);
}

// Resolves once `settled` of `wanted` jobs have come to the end that the worker's event `event` tells.
async function work(handle, event, wanted, limitNs) {
    let settled = 0;
    let worker;
    await new Promise((resolve, reject) => {
        worker = new Worker(values.queue, async (job) => handle(job.data.body), {
            connection: connect(),
            concurrency: kConcurrency,
        });
        worker.on('error', reject);
        worker.on('ready', () => console.log('ready'));
        worker.on(event, () => {
            if (++settled >= wanted || (limitNs > 0n && now() > limitNs)) resolve();
        });
    });
    const last = now();
    await worker.close();
    return last;
}

const roles = {
    async first() {
        console.log('ready');
        const isListening = () =>
            new Promise((resolve) => {
                const socket = net.connect(
                    endpoint.includes('/') ? { path: endpoint } : { host: '127.0.0.1', port: Number(endpoint) },
                );
                socket.on('connect', () => socket.end(() => resolve(true)));
                socket.on('error', () => resolve(false));
            });
        while (!(await isListening())) await new Promise((resolve) => setTimeout(resolve, 1));
        const queue = openQueue();
        await produceAll(queue, 1);
        const checker = new Checker(false);
        const settled = await work((body) => checker.check(body), 'completed', 1, 0n);
        print({ received_ns: checker.first, settled_ns: settled });
    },
    async setup() {
        print({});
    },
    async produce() {
        const queue = openQueue();
        await queue.waitUntilReady();
        const first = now();
        await (rate > 0 ? producePaced(queue) : produceAll(queue, count));
        print({ first_ns: first, last_ns: now(), messages: count });
    },
    async consume() {
        const checker = new Checker(rate > 0);
        const start = now();
        const limit = seconds > 0 ? start + BigInt(Math.round(seconds * 1e9)) : 0n;
        const last = await work((body) => checker.check(body), 'completed', count, limit);
        print({
            start_ns: start,
            first_ns: checker.first,
            last_ns: last,
            messages: checker.distinct,
            duplicates: checker.duplicates,
            mismatches: checker.mismatches,
            delivered_p50_ms: checker.latencyMs(0.5),
            delivered_p99_ms: checker.latencyMs(0.99),
            delivered_max_ms: checker.latencyMs(1),
        });
        if (checker.mismatches > 0 || (checker.distinct < count && seconds === 0)) process.exit(1);
    },
    async bury() {
        await produceAll(openQueue(), count);
        const refuse = () => {
            throw new UnrecoverableError('refused');
        };
        await work(refuse, 'failed', count, 0n);
        print({});
    },
    async redrive() {
        const queue = openQueue();
        await queue.waitUntilReady();
        const first = now();
        await queue.retryJobs({ state: 'failed', count: 1000 }); // so many at a time, until none is left
        print({ first_ns: first, last_ns: now(), messages: count });
    },
};

await roles[role]();
process.exit(0);
