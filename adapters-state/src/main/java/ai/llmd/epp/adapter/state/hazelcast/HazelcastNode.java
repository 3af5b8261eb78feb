package ai.llmd.epp.adapter.state.hazelcast;

import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import com.hazelcast.client.HazelcastClient;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.map.IMap;
import com.hazelcast.partition.PartitionService;
import com.hazelcast.ringbuffer.Ringbuffer;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * This replica's member of the cluster, or its client. It starts on a thread of its own, as often
 * as it takes: when the address was taken by another process, when the cluster could not be joined,
 * and when Hazelcast gave up later.
 */
final class HazelcastNode implements AutoCloseable {

  private static final long RETRY_MILLIS = 500;

  /** Replicas that start at once may choose one address; after so many attempts it is a failure. */
  private static final int ATTEMPTS_OF_A_START = 4;

  private final HazelcastSettings settings;
  private final HazelcastConfiguration configuration;
  private final HazelcastNames names;
  private final Runnable onLoss;
  private final CountDownLatch closed = new CountDownLatch(1);

  private volatile @Nullable Structures structures;
  private volatile @Nullable String lastFailure;
  private volatile int failedAttempts;

  /**
   * What is shared.
   *
   * @param log of batches
   * @param snapshot chunks and their descriptions, by key
   */
  record Structures(
      HazelcastInstance instance, Ringbuffer<byte[]> log, IMap<String, byte[]> snapshot) {

    boolean isRunning() {
      return instance.getLifecycleService().isRunning();
    }
  }

  /**
   * Begins to start, and returns.
   *
   * @param onLoss called on any thread when the log may have become another one
   */
  HazelcastNode(
      HazelcastSettings settings,
      HazelcastConfiguration configuration,
      HazelcastNames names,
      Runnable onLoss) {
    this.settings = settings;
    this.configuration = configuration;
    this.names = names;
    this.onLoss = onLoss;
    Thread.ofPlatform().daemon().name("hazelcast-start").start(this::keepRunning);
  }

  /** Whether it has never been up, and has not failed for good reason yet. */
  boolean isStarting() {
    return structures == null && failedAttempts < ATTEMPTS_OF_A_START && closed.getCount() > 0;
  }

  /** Never waits. */
  Structures structures() throws StoreException {
    if (closed.getCount() == 0) {
      throw new StoreException("the log in hazelcast is closed");
    }
    Structures now = structures;
    if (now == null || !now.isRunning()) {
      String failure = lastFailure;
      throw new StoreException("hazelcast is starting" + (failure == null ? "" : "; " + failure));
    }
    return now;
  }

  private void keepRunning() {
    try {
      do {
        Structures now = structures;
        if (now == null || !now.isRunning()) {
          start();
        }
      } while (!closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes
  private void start() {
    HazelcastInstance started = null;
    try {
      started =
          settings.clientMode()
              ? client()
              : Hazelcast.newHazelcastInstance(configuration.member(LocalAddress.of(settings)));
      publish(started);
      lastFailure = null;
    } catch (IOException | RuntimeException e) { // whatever it is, the next attempt may succeed
      lastFailure = HazelcastFailure.sentence(e);
      failedAttempts = failedAttempts + 1;
      if (started != null) {
        started.getLifecycleService().terminate();
      }
    }
  }

  private HazelcastInstance client() {
    HazelcastInstance client = HazelcastClient.newHazelcastClient(configuration.client());
    client.getConfig().addRingBufferConfig(configuration.log());
    client.getConfig().addMapConfig(configuration.snapshot());
    return client;
  }

  private void publish(HazelcastInstance instance) {
    Ringbuffer<byte[]> log = instance.getRingbuffer(names.log());
    IMap<String, byte[]> snapshot = instance.getMap(names.snapshot());
    PartitionService partitions = instance.getPartitionService();
    int partition = partitions.getPartition(log.getPartitionKey()).getPartitionId();
    partitions.addPartitionLostListener(
        event -> {
          if (event.getPartitionId() == partition) {
            onLoss.run();
          }
        });
    instance.getLifecycleService().addLifecycleListener(this::lifecycleChanged);
    if (structures != null) {
      onLoss.run();
    }
    structures = new Structures(instance, log, snapshot);
    if (closed.getCount() == 0) {
      instance.shutdown();
    }
  }

  private void lifecycleChanged(LifecycleEvent event) {
    if (event.getState() == LifecycleEvent.LifecycleState.MERGED
        || event.getState() == LifecycleEvent.LifecycleState.CLIENT_DISCONNECTED) {
      onLoss.run();
    }
  }

  /** Calls throw from now on. */
  void refuse() {
    closed.countDown();
  }

  /** Leaves the cluster, within some seconds: the others take over what it kept. */
  @Override
  public void close() {
    refuse();
    Structures now = structures;
    if (now != null && now.isRunning()) {
      now.instance().shutdown();
    }
  }
}
