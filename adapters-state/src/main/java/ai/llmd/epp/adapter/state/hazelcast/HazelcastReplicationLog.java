package ai.llmd.epp.adapter.state.hazelcast;

import ai.llmd.epp.adapter.state.hazelcast.HazelcastNode.Structures;
import ai.llmd.epp.application.port.out.ReplicationLog;
import com.hazelcast.ringbuffer.OverflowPolicy;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log as a Hazelcast ringbuffer with one backup, in a cluster that the replicas form among
 * themselves, or in one that they are clients of.
 *
 * <p>Building it starts Hazelcast in the background; calls throw until it is up, which takes some
 * seconds. A call ends within {@code timeout}, and what it may wait; larger work (many batches, a
 * snapshot) is several such calls. Leaving hands over to the others what this replica kept, within
 * some seconds.
 *
 * <p>What is lost: when two members die at once, their share, and when the cluster was parted, what
 * the smaller side wrote. Readers see both as a gap. An entry that two members took with them and
 * that was never read is missed by readers, which check the numbers of batches.
 */
public final class HazelcastReplicationLog implements ReplicationLog {

  private static final int RETENTIONS_UNTIL_EXPIRY = 10;

  /** Bound on one operation: the partition does nothing else meanwhile. */
  private static final int MAX_BATCHES = 128;

  private final HazelcastSettings settings;
  private final HazelcastReader reader;
  private final HazelcastSnapshots snapshots;
  private final HazelcastNode node;

  /**
   * @param namespace of the pool
   * @param pool its name
   * @param retention how long entries are kept, in whole seconds
   */
  public HazelcastReplicationLog(
      HazelcastSettings settings, String namespace, String pool, Duration retention) {
    this.settings = settings;
    this.reader = new HazelcastReader(settings.timeout());
    this.snapshots =
        new HazelcastSnapshots(retention.multipliedBy(RETENTIONS_UNTIL_EXPIRY), settings.timeout());
    HazelcastNames names = HazelcastNames.of(namespace, pool);
    this.node =
        new HazelcastNode(
            settings,
            new HazelcastConfiguration(settings, names, retention),
            names,
            reader::logMayBeLost);
  }

  @Override
  public String name() {
    return "hazelcast";
  }

  @Override
  public String address() {
    return settings.address();
  }

  @Override
  public boolean isStarting() {
    return node.isStarting();
  }

  /** Something that needs a running Hazelcast, and may fail at once. */
  @FunctionalInterface
  private interface Work<T extends @Nullable Object> {
    T with(Structures structures) throws StoreException;
  }

  private <T extends @Nullable Object> T run(Work<T> work) throws StoreException {
    Structures structures = node.structures();
    try {
      return work.with(structures);
    } catch (RuntimeException e) { // it is going down, or not connected
      throw HazelcastFailure.of(e);
    }
  }

  @Override
  public Position append(List<byte[]> batches) throws StoreException {
    return run(
        structures -> {
          long last = -1;
          for (int from = 0; from < batches.size(); from += MAX_BATCHES) {
            List<byte[]> some = batches.subList(from, Math.min(batches.size(), from + MAX_BATCHES));
            last =
                HazelcastFailure.answer(
                    structures.log().addAllAsync(some, OverflowPolicy.OVERWRITE),
                    settings.timeout());
          }
          return new Position(last + 1, 0);
        });
  }

  @Override
  public Page read(Position after, int mostEntries, Duration wait) throws StoreException {
    return run(structures -> reader.read(structures, after, mostEntries, wait));
  }

  @Override
  public Extent extent() throws StoreException {
    HazelcastExtent ends =
        run(structures -> HazelcastExtent.of(structures.log(), settings.timeout()));
    Position newest = new Position(ends.newest() + 1, 0);
    return ends.oldest() > ends.newest()
        ? new Extent(newest, newest)
        : new Extent(new Position(ends.oldest() + 1, 0), newest);
  }

  @Override
  public void putSnapshot(Position position, Chunks chunks) throws StoreException {
    int ignored =
        run(
            structures -> {
              snapshots.put(structures.snapshot(), position, chunks);
              return 0;
            });
  }

  @Override
  public @Nullable Snapshot snapshot() throws StoreException {
    return run(structures -> snapshots.get(structures.snapshot()));
  }

  @Override
  public void close() {
    node.refuse();
    reader.stop();
    node.close();
  }
}
