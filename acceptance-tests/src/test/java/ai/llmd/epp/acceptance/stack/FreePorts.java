package ai.llmd.epp.acceptance.stack;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Ports on which no process listens. They lie below the range from which the kernel takes ports for
 * outgoing connections, so that none of those can move in before the process it was found for, and
 * none is given twice: whoever got it first may not have begun to listen. For the same reason each
 * JVM that runs tests at the same time takes them from a range of its own.
 */
public final class FreePorts {

  private static final int LOWEST = 15_000;
  private static final int RANGES = 4;
  private static final int RANGE_PORTS = 4_250;

  /** The build numbers its JVMs from 1. */
  private static final int FIRST =
      LOWEST + (Integer.getInteger("epp.test.fork", 1) - 1) % RANGES * RANGE_PORTS;

  private static final Set<Integer> GIVEN = new HashSet<>();

  private FreePorts() {}

  /** One on which no process listens. */
  public static int one() {
    return consecutive(1);
  }

  /** The first of {@code count} free neighbours. */
  public static synchronized int consecutive(int count) {
    RandomGenerator random = RandomGenerator.getDefault();
    for (int attempt = 0; attempt < 1000; attempt++) {
      int first = random.nextInt(FIRST, FIRST + RANGE_PORTS - count);
      List<Integer> ports = IntStream.range(first, first + count).boxed().toList();
      if (ports.stream().noneMatch(GIVEN::contains) && ports.stream().allMatch(FreePorts::isFree)) {
        GIVEN.addAll(ports);
        return first;
      }
    }
    throw new IllegalStateException("no " + count + " free ports in a row");
  }

  private static boolean isFree(int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
