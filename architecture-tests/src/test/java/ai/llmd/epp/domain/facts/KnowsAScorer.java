package ai.llmd.epp.domain.facts;

import ai.llmd.epp.domain.scheduling.scorer.QueueScorer;

final class KnowsAScorer {
  final QueueScorer scorer = new QueueScorer();
}
