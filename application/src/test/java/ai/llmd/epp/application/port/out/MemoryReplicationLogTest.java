package ai.llmd.epp.application.port.out;

import java.util.List;

class MemoryReplicationLogTest extends ReplicationLogContract {

  private final MemoryReplicationLog log = new MemoryReplicationLog();

  @Override
  protected ReplicationLog open() {
    return log;
  }

  @Override
  protected void overflow(ReplicationLog full) throws ReplicationLog.StoreException {
    full.append(List.of(new byte[1], new byte[2]));
    log.trim(1);
  }

  @Override
  protected void lose() {
    log.lose();
  }
}
