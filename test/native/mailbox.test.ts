/**
 * The mailboxes of native/base under ThreadSanitizer: mailbox_threads.cc beside this file, which says what it guards.
 *
 * UVIO_STRESS=SECONDS lets it run longer.
 */

import { equal, ok } from 'node:assert/strict';
import { leavesNothingOpen } from '../support.js';
import { canInclude, runThreads, TIMEOUT } from './threaded_programs.js';

type Count = 'posted' | 'ran' | 'returned' | 'requested' | 'answered' | 'ended';

describe('mailboxes of threads', () => {
  leavesNothingOpen();

  it('lose nothing and race for nothing while eight threads open, write, wait and close', function () {
    this.timeout(TIMEOUT);
    if (!canInclude('thread')) this.skip();
    const { posted, ran, returned, requested, answered, ended } = runThreads<Count>(
      'test/native/mailbox_threads.cc',
      'native/base/mailbox.cc',
    );
    equal(posted, ran + returned);
    equal(requested, answered + ended);
    ok(returned > 0 && ended > 0 && answered > 0);
  });
});
