package ai.llmd.epp.sidecar.leg;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Makes ids of requests and transfers. Any thread. */
public final class RequestIds {

  private static final long GREGORIAN = 0x01B21DD213814000L; // 1582-10-15 in 100 ns before 1970
  private static final SecureRandom RANDOM = new SecureRandom();

  private final long node = (RANDOM.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0100_0000_0000L;
  private final AtomicLong last = new AtomicLong();

  /** By time and node, RFC 9562 version 1: no two of this process are the same. */
  public String timed() {
    long now = System.currentTimeMillis() * 10_000 + GREGORIAN;
    long time = last.updateAndGet(before -> Math.max(before + 1, now));
    long high =
        ((time & 0xFFFF_FFFFL) << 32)
            | (((time >>> 32) & 0xFFFF) << 16)
            | 0x1000
            | ((time >>> 48) & 0xFFF);
    return new UUID(high, node).toString();
  }

  /** Random, version 4. */
  public static String random() {
    return UUID.randomUUID().toString();
  }
}
