package ai.llmd.epp.adapter.files.planted;

import ai.llmd.epp.replication.Replicator;

/** An adapter that reaches past its port. */
record AdapterKnowsReplication(Replicator replicator) {}
