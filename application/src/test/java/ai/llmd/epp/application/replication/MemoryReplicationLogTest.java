package ai.llmd.epp.application.replication;

import ai.llmd.epp.application.port.out.ReplicationLog;

class MemoryReplicationLogTest extends ReplicationLogContract {

  @Override
  protected ReplicationLog log() {
    return new MemoryReplicationLog();
  }
}
