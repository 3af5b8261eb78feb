package ai.llmd.epp.application.precise;

import ai.llmd.epp.domain.kvcache.KvMatch;

/** What a thread needs to look one request up. */
final class Scratch {

  private final TokenBuffer tokens = new TokenBuffer();
  private KvMatch match = new KvMatch(0);

  TokenBuffer tokens() {
    return tokens;
  }

  /** An empty one for so many slots. */
  KvMatch match(int slots) {
    if (match.slots() < slots) {
      match = new KvMatch(Math.max(slots, 64));
    }
    match.reset();
    return match;
  }
}
