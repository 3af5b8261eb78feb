package ai.llmd.epp.adapter.state.inprocess;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLogContract;
import java.util.List;

class InProcessReplicationLogTest extends ReplicationLogContract {

  private static final int MAX_ENTRIES = 2_000;

  private final InProcessReplicationLog log = new InProcessReplicationLog("test", MAX_ENTRIES);

  @Override
  protected ReplicationLog open() {
    return log.handle();
  }

  @Override
  protected void overflow(ReplicationLog handle) throws Exception {
    for (int i = 0; i <= 2 * MAX_ENTRIES; i++) {
      handle.append(List.of(new byte[1]));
    }
  }

  @Override
  protected void lose() {
    log.lose();
  }
}
