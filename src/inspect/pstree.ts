/**
 * `uvio pstree`: who waits for whom, as asyncio's `python -m asyncio pstree` draws it.
 *
 * A task hangs below those that wait for it, under the frames in which they do; what is below it is drawn once. Tasks
 * that wait for each other in a ring have no beginning: one of them is drawn as if it were, and where the ring closes is said.
 */

import type { Thread } from './client.js';
import { plain } from './render.js';
import type { LoopSnapshot, TaskSnapshot } from './snapshot.js';
import { processLine, tasksText, threadLines } from './threads_text.js';

/** A task and what it waits for. */
export interface TaskTree {
  name: string;
  state: string;
  coroutine: string;
  /** Where it waits, the outermost frame first: `work file:line:column`; known in debug mode. */
  stack: string[];
  awaits: TaskTree[];
  /** What is below it is told elsewhere: it waits for itself, or somebody else waits for it as well. */
  repeated?: 'ring' | 'shown';
}

/** The tasks of a loop, those that nobody waits for at the top. */
export function treesOf(loop: LoopSnapshot): TaskTree[] {
  const tasks = new Map(loop.tasks.map((task) => [task.id, task]));
  const awaited = new Set(loop.tasks.flatMap((task) => task.awaits));
  const drawn = new Set<number>();
  const roots = loop.tasks.filter((task) => !awaited.has(task.id));
  const trees = roots.map((task) => treeOf(task, tasks, new Set(), drawn));
  for (const task of loop.tasks) {
    if (!drawn.has(task.id)) trees.push(treeOf(task, tasks, new Set(), drawn));
  }
  return trees;
}

function treeOf(
  task: TaskSnapshot,
  tasks: ReadonlyMap<number, TaskSnapshot>,
  above: ReadonlySet<number>,
  drawn: Set<number>,
): TaskTree {
  const { name, state, coroutine } = task;
  const stack = task.stack
    .map(
      (frame) =>
        `${frame.functionName} ${frame.fileName}:${frame.lineNumber}:${frame.columnNumber}`,
    )
    .reverse();
  if (drawn.has(task.id)) {
    const repeated = above.has(task.id) ? 'ring' : 'shown';
    return { name, state, coroutine, stack: [], awaits: [], repeated };
  }
  drawn.add(task.id);
  const path = new Set(above).add(task.id);
  const awaits = task.awaits.map((id) => treeOf(tasks.get(id) as TaskSnapshot, tasks, path, drawn));
  return { name, state, coroutine, stack, awaits };
}

export function pstreeText(pid: number, threads: readonly Thread[]): string {
  const lines = [processLine(pid, threads)];
  for (const thread of threads) {
    const ofThread = threadLines(thread, (name, loop) => [
      `${name}: ${tasksText(loop)}`,
      ...draw(treesOf(loop).map(nodeOf), ''),
    ]);
    lines.push(...ofThread);
  }
  return lines.join('\n');
}

interface Node {
  text: string;
  below: Node[];
}

/** A task, below it its frames, each below the other, and below the last what it waits for. */
function nodeOf(tree: TaskTree): Node {
  const { name, state, coroutine, stack, awaits, repeated } = tree;
  const text = `(T) ${plain(name)}`;
  if (repeated === 'ring') return { text: `${text}, as above: they wait in a ring`, below: [] };
  if (repeated === 'shown') return { text: `${text}, as above`, below: [] };
  const frames = stack.length > 0 ? stack : [`${coroutine} ${state}`];
  const below = frames.reduceRight<Node[]>(
    (inside, frame) => [{ text: plain(frame), below: inside }],
    awaits.map(nodeOf),
  );
  return { text, below };
}

function draw(nodes: readonly Node[], indent: string): string[] {
  return nodes.flatMap(({ text, below }, index) => {
    const last = index === nodes.length - 1;
    const head = `${indent}${last ? '└── ' : '├── '}${text}`;
    return [head, ...draw(below, `${indent}${last ? '    ' : '│   '}`)];
  });
}
