package ai.llmd.epp.application.planted;

import ai.llmd.epp.replication.Replicator;

/** A use case that reaches past its port. */
record ProducerKnowsReplication(Replicator replicator) {}
