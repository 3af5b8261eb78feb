package ai.llmd.epp.benchmark;

import ai.llmd.epp.adapter.kvevents.stream.KvEventSubscriptions;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.application.precise.PreciseParameters;
import ai.llmd.epp.application.precise.PrecisePrefixCacheProducer;
import ai.llmd.epp.domain.kvcache.KvBlockIndex;
import ai.llmd.epp.domain.kvcache.KvLocations;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.zmtp.ZmtpAddress;
import ai.llmd.epp.zmtp.ZmtpPublisher;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * What precise prefixes cost while nothing is asked: memory of the index, time of subscriptions.
 */
@Command(
    name = "kv-costs",
    description = "Prints bytes of blocks in the index, and processor time of idle subscriptions.")
final class KvCosts implements Callable<Integer> {

  private static final int BLOCKS = 10_000_000;
  private static final int AT_ONCE = 1_000;
  private static final int ENDPOINTS = 500;
  private static final int SUBSCRIPTIONS = 100;
  private static final long IDLE_MILLIS = 20_000;

  @Override
  public Integer call() throws Exception {
    for (int holders : new int[] {1, 2, 16}) {
      System.out.printf(
          "%,d blocks, %d holders each: %s%n", BLOCKS / holders, holders, bytes(holders));
    }
    System.out.printf(
        "%d idle subscriptions: %.3f %% of a core%n", SUBSCRIPTIONS, 100 * shareOfACore());
    return 0;
  }

  /** As many pairs of a block and a holder, whatever the number of holders. */
  private static String bytes(int holders) throws InterruptedException {
    var locations = new KvLocations(KvLocations.DEFAULT_WEIGHTS);
    int location = locations.location(locations.tier("GPU"), 0);
    long before = Heap.used();
    var index = new KvBlockIndex(4L << 30, locations, 9);
    Random random = new Random(holders);
    for (int chain = 0; chain < BLOCKS / holders / AT_ONCE; chain++) {
      long[] engine = random.longs(AT_ONCE).toArray();
      long[] request = random.longs(AT_ONCE).toArray();
      for (int i = 0; i < holders; i++) {
        int slot = (chain + i) % ENDPOINTS;
        if (!index.store(slot, location, engine, AT_ONCE, request, AT_ONCE)) {
          throw new IllegalStateException("the index is full");
        }
      }
    }
    long used = Heap.used() - before;
    return "%.1f bytes for a block and holder, of which the index counts %.1f"
        .formatted((double) used / BLOCKS, (double) index.bytes() / BLOCKS);
  }

  /** Of a whole producer, and of the publishers that it is connected to. */
  private static double shareOfACore() throws IOException, InterruptedException {
    List<ZmtpPublisher> publishers = new ArrayList<>();
    try {
      int port = 0;
      for (int i = 0; i < SUBSCRIPTIONS; i++) {
        publishers.add(ZmtpPublisher.bound(new ZmtpAddress("127.0.0." + (i + 1), port)));
        port = publishers.getFirst().address().port();
      }
      try (PrecisePrefixCacheProducer producer = producer(port)) {
        for (int i = 0; i < SUBSCRIPTIONS; i++) {
          producer.added(endpoint(i));
        }
        while (connections(producer) < SUBSCRIPTIONS) {
          Thread.sleep(100);
        }
        Thread.sleep(IDLE_MILLIS); // compiled by now
        return busyShare();
      }
    } finally {
      publishers.forEach(ZmtpPublisher::close);
    }
  }

  private static double busyShare() throws InterruptedException {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long began = System.nanoTime();
    long before = system.getProcessCpuTime();
    Thread.sleep(IDLE_MILLIS);
    return (double) (system.getProcessCpuTime() - before) / (System.nanoTime() - began);
  }

  private static PrecisePrefixCacheProducer producer(int port) {
    PreciseParameters usual = PreciseParameters.DEFAULT;
    PreciseParameters.KvEvents events = usual.kvEventsConfig();
    return new PrecisePrefixCacheProducer(
        "precise",
        "precise",
        new PreciseParameters(
            usual.tokenProcessorConfig(),
            usual.indexerConfig(),
            new PreciseParameters.KvEvents(
                "",
                events.topicFilter(),
                events.concurrency(),
                events.engineType(),
                true,
                new PreciseParameters.PodDiscovery("", "", port, 0)),
            true,
            usual.speculativeTTL()),
        7,
        new KvEventSubscriptions(System::nanoTime),
        PrefixObserver.NONE,
        System::nanoTime);
  }

  private static EndpointState endpoint(int number) {
    var id = new EndpointId("default", "pod-" + number);
    return new EndpointState(number, 1, Endpoint.of(id, "127.0.0." + (number + 1), 8000, Map.of()));
  }

  private static long connections(PrecisePrefixCacheProducer producer) {
    return producer.streams().stream().mapToLong(KvStreamStatus::connections).sum();
  }
}
