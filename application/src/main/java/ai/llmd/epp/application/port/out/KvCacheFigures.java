package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.kvcache.KvEventCounts;

/** What a producer of exact matches shows of itself. Any thread may ask. */
public interface KvCacheFigures {

  /** What became of the events. */
  KvEventCounts events();

  /** Where they come from. */
  KvFeedFigures feed();

  /** Bytes of the index. */
  long indexBytes();
}
